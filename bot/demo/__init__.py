"""A fortnight at a made-up company, played into a local Slack through Slack's own gestures."""

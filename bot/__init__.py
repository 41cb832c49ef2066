"""The bot: ways in (listeners, scheduler, cli), flows, rules, views, and the one door to Slack."""

"""What Friction remembers. Knows nothing of Slack, of the classifiers or of the bot."""

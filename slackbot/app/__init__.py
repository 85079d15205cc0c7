"""The composition root: settings in, a running bot out. Nothing else builds parts of the bot."""

from slackbot.app.serving import serving

__all__ = ["serving"]

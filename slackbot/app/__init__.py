"""The composition root: settings in, a running bot out. Nothing else builds parts of the bot."""

from slackbot.app.serving import serving
from slackbot.app.serving_installed import serving_installed

__all__ = ["serving", "serving_installed"]

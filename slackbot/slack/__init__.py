"""Slack at the edge: what it delivers becomes events, what the bot says becomes calls and views.

Nothing outside of it imports slack_sdk or slack_bolt.
"""

from slackbot.slack.client import web_client
from slackbot.slack.file_downloads import SlackFiles
from slackbot.slack.file_uploads import SlackUploads
from slackbot.slack.home_tab import HomeTabs
from slackbot.slack.identity import Identity, check_app_token, identify
from slackbot.slack.instructions_listeners import InstructionsListeners
from slackbot.slack.instructions_modal import InstructionsModal
from slackbot.slack.listeners import create_app
from slackbot.slack.members import SlackMembers
from slackbot.slack.messenger import SlackMessenger
from slackbot.slack.users import SlackUsers
from slackbot.slack.views import SlackViews
from slackbot.slack.visibility import SlackVisibility

__all__ = [
    "HomeTabs",
    "Identity",
    "InstructionsListeners",
    "InstructionsModal",
    "SlackFiles",
    "SlackMembers",
    "SlackMessenger",
    "SlackUploads",
    "SlackUsers",
    "SlackViews",
    "SlackVisibility",
    "check_app_token",
    "create_app",
    "identify",
    "web_client",
]

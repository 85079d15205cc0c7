"""Reads a Slack message into text: its blocks and its attachments, in the order people see them.

Pure functions of Slack's JSON. Nothing in it raises an error, and every text has a bound. What the
author wrote and what is only shown with it (forwarded messages, previews) are kept apart.
"""

from slackbot.slack.message_text.attachments import forwarded_files, is_unfurl
from slackbot.slack.message_text.message import MAX_CHARACTERS, attached_to, own_text, written_in

__all__ = [
    "MAX_CHARACTERS",
    "attached_to",
    "forwarded_files",
    "is_unfurl",
    "own_text",
    "written_in",
]

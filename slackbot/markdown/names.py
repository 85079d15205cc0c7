"""Shows a name that somebody has chosen, in a sentence of the bot's own."""

import re

from slackbot.markdown.escaping import escape_mrkdwn
from slackbot.markdown.hidden_characters import revealed

MAX_NAME_CHARACTERS = 80
"""https://docs.slack.dev/reference/methods/users.profile.set - a display name has no more."""

_PLAIN_NAME = re.compile(r"(?:[^\W_]|[ '\u2019(),-]|\.(?= |$))+")
"""Letters and digits of any script, and signs that are no markup and no part of an address."""


def name_as_mrkdwn(name: str) -> str:
    """The name in Slack's markup, with nothing hidden. One that may be a link, an emoji or other
    markup is shown as code, in which Slack reads none.

    https://docs.slack.dev/messaging/formatting-message-text
    """
    shown = revealed(name[:MAX_NAME_CHARACTERS].replace("\n", " "))
    if _PLAIN_NAME.fullmatch(shown):
        return shown
    return f"`{escape_mrkdwn(shown.replace('`', chr(39)))}`"

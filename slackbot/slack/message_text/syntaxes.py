"""The two ways to write down what blocks show: Slack's markup, and Markdown.

Messages of people and other bots become Slack's markup, in which mentions are found and named
later. The bot's own answers become the Markdown that the model wrote.
https://docs.slack.dev/messaging/formatting-message-text
"""

import re
from collections.abc import Mapping
from typing import Literal, Protocol

from slackbot.markdown.mrkdwn import to_plain_text

Style = Literal["bold", "italic", "strike"]

_URL = re.compile(r"[a-z][a-z0-9+.-]*:[^\n]+", re.IGNORECASE)


class Syntax(Protocol):
    markers: Mapping[Style, str]
    """What stands on either side of styled text."""

    def literal(self, text: str) -> str:
        """Writes text that has no markup."""

    def from_mrkdwn(self, markup: str) -> str:
        """Writes text in Slack's markup, such as a section's."""

    def reference(self, target: str) -> str:
        """Writes a mention: `@` and a user's ID, `#` and a channel's, `!here`, `!subteam^S1`."""

    def link(self, url: str, label: str) -> str:
        """Writes a link, without a label if that is empty."""


class _Mrkdwn:
    markers: Mapping[Style, str] = {"bold": "*", "italic": "_", "strike": "~"}

    def literal(self, text: str) -> str:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    def from_mrkdwn(self, markup: str) -> str:
        return markup

    def reference(self, target: str) -> str:
        return f"<{target}>"

    def link(self, url: str, label: str) -> str:
        if not _URL.fullmatch(url):
            return self.literal(" ".join(filter(None, (label, url))))
        target = self.literal(url).replace("|", "%7C")
        shown = self.literal(" ".join(label.split()))
        return f"<{target}|{shown}>" if shown and label != url else f"<{target}>"


class _Markdown:
    markers: Mapping[Style, str] = {"bold": "**", "italic": "_", "strike": "~~"}

    def literal(self, text: str) -> str:
        return text

    def from_mrkdwn(self, markup: str) -> str:
        return to_plain_text(markup, {}, "")

    def reference(self, target: str) -> str:
        return f"<{target}>"

    def link(self, url: str, label: str) -> str:
        return f"[{label}]({url})" if label and label != url else url


MRKDWN: Syntax = _Mrkdwn()
MARKDOWN: Syntax = _Markdown()

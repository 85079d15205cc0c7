"""Text between Slack and the model: Slack's markup as plain text, and Markdown ready for Slack.

Mentions are escaped, long answers are split into pages, unfinished ones are completed for a
preview, and emphasis is helped where Slack would not see it. Everything here is a pure function of
strings.
"""

from slackbot.markdown.escaping import (
    WORD_JOINER,
    break_mentions,
    escape_mentions,
    escape_mrkdwn,
    escape_stable_prefix,
)
from slackbot.markdown.excerpts import excerpt, notification_text
from slackbot.markdown.inline import close_inline
from slackbot.markdown.mrkdwn import (
    addresses_others,
    mentioned_users,
    strip_mentions,
    to_plain_text,
)
from slackbot.markdown.notes import strip_notes, with_notes, with_quotes
from slackbot.markdown.preview import to_preview
from slackbot.markdown.splitting import MAX_PAGE_CHARACTERS, PageSplitter, split_pages
from slackbot.markdown.unicode import to_well_formed

__all__ = [
    "MAX_PAGE_CHARACTERS",
    "WORD_JOINER",
    "PageSplitter",
    "addresses_others",
    "break_mentions",
    "close_inline",
    "escape_mentions",
    "escape_mrkdwn",
    "escape_stable_prefix",
    "excerpt",
    "mentioned_users",
    "notification_text",
    "split_pages",
    "strip_mentions",
    "strip_notes",
    "to_plain_text",
    "to_preview",
    "to_well_formed",
    "with_notes",
    "with_quotes",
]

"""Reads a whole message: what its author wrote, and what is shown with it."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from slackbot.slack.json_fields import objects_in, text_in
from slackbot.slack.message_text import texts
from slackbot.slack.message_text.attachments import read_attachments
from slackbot.slack.message_text.blocks import read_blocks
from slackbot.slack.message_text.same_text import says_the_same
from slackbot.slack.message_text.syntaxes import MARKDOWN, MRKDWN

MAX_CHARACTERS = 50_000
"""Slack cuts a message's text off at 40,000, and says the same in blocks with more markup.

https://docs.slack.dev/reference/methods/chat.postMessage#truncating-content
"""

NOT_OF_THE_ANSWER = frozenset({"actions", "context", "context_actions", "plan", "task_card"})
"""Blocks of the bot's own messages that the model did not write."""

_CUT_TOKEN = re.compile(r"(?:<[^<>\n]*|&\w{0,3})\Z")
"""The beginning of a link, a mention or an escape."""

Json = Mapping[str, Any]


def written_in(message: Json) -> str:
    """Returns what a message itself says, in Slack's markup.

    Slack shows the blocks and not the text, if there are any. Mostly the two say the same: then it
    is the text, as Slack wrote it.
    """
    text = text_in(message, "text")
    shown = read_blocks(objects_in(message, "blocks"), MRKDWN)
    is_text = not shown or (bool(text.strip()) and says_the_same(text, shown))
    return _shortened(text if is_text else shown)


def attached_to(message: Json, wanted: Callable[[Json], bool] = lambda _: True) -> str:
    """Returns what Slack shows under a message, in Slack's markup: the wanted attachments."""
    return _shortened(read_attachments(filter(wanted, objects_in(message, "attachments"))))


def own_text(message: Json) -> str:
    """Returns an answer of the bot's as the Markdown that it was written in.

    Slack turns one markdown block into several others, and the text is only a notification:
    https://docs.slack.dev/reference/block-kit/blocks/markdown-block
    """
    blocks = objects_in(message, "blocks")
    answer = (block for block in blocks if text_in(block, "type") not in NOT_OF_THE_ANSWER)
    shown = read_blocks(answer, MARKDOWN)
    return _shortened(shown or MARKDOWN.from_mrkdwn(text_in(message, "text")))


def _shortened(markup: str) -> str:
    if len(markup) <= MAX_CHARACTERS:
        return markup
    end = MAX_CHARACTERS - len(texts.SHORTENED) - 1
    return f"{_CUT_TOKEN.sub('', markup[:end])}\n{texts.SHORTENED}"

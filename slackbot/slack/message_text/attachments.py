"""Reads what Slack shows under a message: alerts, pasted tables, previews, forwarded messages.

https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments

Slack does not document the fields of a forwarded message. They are as in
https://github.com/NousResearch/hermes-agent/issues/96384 and of a pasted table as in
https://github.com/vercel/chat/issues/803.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from slackbot.markdown.dates import utc_minute
from slackbot.slack.json_fields import object_in, objects_in, text_in
from slackbot.slack.message_text import texts
from slackbot.slack.message_text.blocks import read_blocks
from slackbot.slack.message_text.rich_text import MAX_DEPTH, quoted
from slackbot.slack.message_text.same_text import says_the_same
from slackbot.slack.message_text.syntaxes import MRKDWN

PLACEHOLDERS = frozenset({"[no preview available]", "This message contains interactive elements."})
"""Slack's fallback texts that say nothing."""

Json = Mapping[str, Any]


def is_forwarded(attachment: Json) -> bool:
    return attachment.get("is_share") is True


def is_unfurl(attachment: Json) -> bool:
    """Returns whether Slack or an app has added it because the message has a link.

    https://docs.slack.dev/messaging/unfurling-links-in-messages
    """
    unfurled = any(attachment.get(flag) is True for flag in ("is_msg_unfurl", "is_app_unfurl"))
    links = text_in(attachment, "from_url") or text_in(attachment, "original_url")
    return not is_forwarded(attachment) and bool(unfurled or links)


def is_hidden(attachment: Json) -> bool:
    """Returns whether only the person who posted a link to a private message sees its preview, and
    is asked whether to share it. `read_slack_link` reads such a message for those who may see it.
    """
    return is_unfurl(attachment) and attachment.get("private_channel_prompt") is True


def read_attachments(attachments: Iterable[Json], depth: int = MAX_DEPTH) -> str:
    """Returns the text of attachments in Slack's markup, with a blank line between them."""
    return "\n\n".join(filter(None, (_read(each, depth) for each in attachments)))


def forwarded_files(attachments: Iterable[Json]) -> Iterator[tuple[Json, str]]:
    """The files of forwarded and linked messages, each with the ID of the channel it comes from."""
    for attachment in attachments:
        if _is_message(attachment) and not is_hidden(attachment):
            for file in objects_in(attachment, "files"):
                yield file, text_in(attachment, "channel_id")


def _is_message(attachment: Json) -> bool:
    return is_forwarded(attachment) or attachment.get("is_msg_unfurl") is True


def _read(attachment: Json, depth: int) -> str:
    if depth <= 0 or is_hidden(attachment):
        return ""
    if _is_message(attachment):
        title, body = _origin(attachment), _body(attachment, depth)
        has_files = bool(objects_in(attachment, "files"))
    elif is_unfurl(attachment):
        link = text_in(attachment, "from_url") or text_in(attachment, "original_url")
        title = texts.PREVIEW.format(url=MRKDWN.link(link, ""))
        body, has_files = _joined(_author(attachment), _body(attachment, depth)), False
    else:
        return _joined(
            text_in(attachment, "pretext"),
            _author(attachment),
            _body(attachment, depth),
            text_in(attachment, "footer"),
        )
    if not body:
        return f"[{title}]" if has_files else ""
    return f"[{title}]\n{quoted(body, MRKDWN)}"


def _body(attachment: Json, depth: int) -> str:
    text = text_in(attachment, "text").strip()
    blocks = read_blocks(_blocks(attachment), MRKDWN, depth - 1)
    fields = (
        ": ".join(filter(None, (text_in(each, "title"), text_in(each, "value"))))
        for each in objects_in(attachment, "fields")
    )
    found = _joined(
        _title(attachment),
        "" if blocks and says_the_same(text, blocks) else text,
        *fields,
        blocks,
        read_attachments(_inner(attachment), depth - 1),
    )
    fallback = text_in(attachment, "fallback").strip()
    return found or ("" if fallback in PLACEHOLDERS else fallback)


def _origin(attachment: Json) -> str:
    """Returns who wrote a forwarded message, where and when: "Forwarded message from Ben (…)"."""
    kind = texts.FORWARDED if is_forwarded(attachment) else texts.LINKED
    author = text_in(attachment, "author_name") or _mention("@", text_in(attachment, "author_id"))
    channel = _mention("#", text_in(attachment, "channel_id"))
    place = text_in(attachment, "footer") or channel
    url = text_in(attachment, "from_url")
    time = utc_minute(attachment.get("ts"))
    details = ", ".join(filter(None, (place, time, MRKDWN.link(url, "") if url else "")))
    who = f"{kind} from {author}" if author else kind
    return " ".join(f"{who} ({details})".split()) if details else who


def _author(attachment: Json) -> str:
    names = (text_in(attachment, name) for name in ("service_name", "author_name"))
    return " ".join(dict.fromkeys(filter(None, (*names, text_in(attachment, "author_subname")))))


def _title(attachment: Json) -> str:
    title, link = text_in(attachment, "title").strip(), text_in(attachment, "title_link")
    same = link in {text_in(attachment, "from_url"), ""}
    return title if same else f"{title} ({MRKDWN.link(link, '')})".strip()


def _mention(sign: str, name: str) -> str:
    return f"<{sign}{name}>" if name.isalnum() else ""


def _blocks(attachment: Json) -> Iterator[Json]:
    """The blocks of an attachment, and those of the message that it forwards."""
    yield from objects_in(attachment, "blocks")
    for each in objects_in(attachment, "message_blocks"):
        message = object_in(each, "message")
        yield from objects_in(message, "blocks") if message else (each,)


def _inner(attachment: Json) -> Iterator[Json]:
    """The attachments of a forwarded message."""
    yield from objects_in(attachment, "attachments")
    for each in objects_in(attachment, "message_blocks"):
        yield from objects_in(object_in(each, "message"), "attachments")


def _joined(*lines: str) -> str:
    return "\n".join(line for line in lines if line)

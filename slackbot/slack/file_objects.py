"""What Slack says about a file: of which kind it is, and whether its content can be had.

https://docs.slack.dev/reference/objects/file-object
"""

from collections.abc import Mapping
from typing import Any

from slackbot.attachments.mimetypes import CANVAS_TYPE, EMAIL_TYPE
from slackbot.slack.json_fields import text_in, texts_in

LIST_TYPE = "application/vnd.slack-list"
"""A list of Slack's: rows that only its own methods give out.

https://docs.slack.dev/surfaces/lists
"""

CANVAS_MODES = frozenset({"quip", "canvas", "docs", "space", "post"})
"""Canvases, and the posts that came before them."""

EXTERNAL_MODES = frozenset({"external", "remote"})

SHARE_LISTS = ("channels", "groups", "ims")
"""The fields of a file with the IDs of the channels where it was shared."""


def kind_of(file: Mapping[str, Any]) -> str:
    """The MIME type of what the model reads. Slack itself calls an email `text/html`."""
    mode = file.get("mode")
    if is_email(file):
        return EMAIL_TYPE
    if mode == "list" or file.get("filetype") == "list":
        return LIST_TYPE
    if text_in(file, "mode") in CANVAS_MODES or file.get("filetype") == "quip":
        return CANVAS_TYPE
    return text_in(file, "mimetype")


def name_of(file: Mapping[str, Any]) -> str:
    """What people call it. The `name` of a canvas or a list is the same for all of them."""
    names = [text_in(file, "name"), text_in(file, "title")]
    if kind_of(file) in (CANVAS_TYPE, EMAIL_TYPE, LIST_TYPE):
        names.reverse()
    return next(filter(None, names), "")


def size_of(file: Mapping[str, Any]) -> int | None:
    """How many bytes a download has; None if Slack does not say.

    The `size` of a canvas is not that of its HTML, and an email's counts its attachments.
    """
    size = file.get("size")
    is_told = isinstance(size, int) and size >= 0
    is_meant = kind_of(file) not in (CANVAS_TYPE, LIST_TYPE) and not is_email(file)
    return size if is_told and is_meant else None


def is_email(file: Mapping[str, Any]) -> bool:
    """Whether it was sent to Slack by email, or forwarded from a mail program.

    https://slack.com/help/articles/206819278-Send-emails-to-Slack
    """
    mode = file.get("mode")
    return mode == "email" or (file.get("filetype") == "email" and mode != "hosted")


def is_external(file: Mapping[str, Any]) -> bool:
    """Whether another service has its content: https://docs.slack.dev/messaging/working-with-files"""
    return bool(file.get("is_external")) or text_in(file, "mode") in EXTERNAL_MODES


def channels_of(file: Mapping[str, Any]) -> list[str]:
    """The IDs of the channels where it was shared."""
    return [channel for kind in SHARE_LISTS for channel in texts_in(file, kind)]

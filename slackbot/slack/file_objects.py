"""What Slack says about a file: of which kind it is, and whether its content can be had.

https://docs.slack.dev/reference/objects/file-object
"""

import re
from collections.abc import Mapping
from typing import Any

from slackbot.conversation.attachment import CANVAS_TYPE, EMAIL_TYPE
from slackbot.slack.json_fields import text_in

LIST_TYPE = "application/vnd.slack-list"
"""A list of Slack's: rows that only its own methods give out.

https://docs.slack.dev/surfaces/lists
"""

HTML_TYPES = ("text/html", "application/xhtml+xml")

CANVAS_MODES = frozenset({"quip", "canvas", "docs", "space", "post"})
"""Canvases, and the posts that came before them."""

EXTERNAL_MODES = frozenset({"external", "remote"})

_SIGN_IN = re.compile(
    rb"<title>[^<]{0,200}\b(sign|log)[ -]?in\b"
    rb"""|\b(data-qa|id|name|action)=["']?[^"'>]{0,80}\bsign[_-]?in"""
    rb"|<html[^>]{0,200}\bdata-primer\b"
    rb"|\?redir=%2ffiles|\bbrowser (is )?(not|no longer) supported"
)
"""Marks of Slack's page for people who are not signed in, in lower case. Some of them stand in it
whatever its language.
"""

LOGIN_PAGE_BYTES = 64 * 1024
"""The marks are within its first bytes."""


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


def is_login_page(content: bytes) -> bool:
    """Whether HTML is Slack's page for signing in, which comes with status 200, and not the file
    that was asked for. A canvas is no whole page.
    """
    page = content[:LOGIN_PAGE_BYTES].lower()
    is_whole = page.lstrip().startswith((b"<!doctype html", b"<html"))
    return is_whole and b"slack" in page and _SIGN_IN.search(page) is not None

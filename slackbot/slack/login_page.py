"""Recognises Slack's page for signing in, which comes with status 200 in place of a file."""

import re

HTML_TYPES = ("text/html", "application/xhtml+xml")

_SIGN_IN = re.compile(
    rb"<title>[^<]{0,200}\b(sign|log)[ -]?in\b"
    rb"""|\b(data-qa|id|name|action)=["']?[^"'>]{0,80}\bsign[_-]?in"""
    rb"|<html[^>]{0,200}\bdata-primer\b"
    rb"|\?redir=%2ffiles|\bbrowser (is )?(not|no longer) supported"
)
"""Marks of the page, in lower case. Some of them do not depend on its language."""

LOGIN_PAGE_BYTES = 64 * 1024
"""The marks are within its first bytes."""


def is_login_page(content: bytes) -> bool:
    """Whether HTML is that page, and not the file that was asked for. A canvas is no whole page."""
    page = content[:LOGIN_PAGE_BYTES].lower()
    is_whole = page.lstrip().startswith((b"<!doctype html", b"<html"))
    return is_whole and b"slack" in page and _SIGN_IN.search(page) is not None

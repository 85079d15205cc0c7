"""Finds links whose label names another address than the one to which they lead.

People read the label of `[https://bank.example](https://thief.example)`, and open the address. A
label of words promises no address, so it is left alone. So is a name such as `README.md` or
`socket.io`, which only looks like one.
https://spec.commonmark.org/0.31.2/#links
"""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlsplit

MAX_LABEL_CHARACTERS = 500
"""Of the end of a label, which is looked at."""

MAX_ADDRESS_CHARACTERS = 400
"""Within so many characters after the label the host is complete: a name has 253 at most."""

_SIGN = re.compile(r"\\.|[\[\]]|\n[ \t]*(?=\n)", re.DOTALL)
_TARGET = re.compile(rf"\(\s*<?(?P<address>[^\s()<>]{{0,{MAX_ADDRESS_CHARACTERS}}})")
_MARKS = re.compile(r"[\\*~`]")
_ADDRESS = re.compile(
    r"(?:https?:/+(?:www\.)?|www\.)(?P<host>[^\s/?#:]+)"
    r"|(?<![\w.@-])(?P<name>(?:[a-z0-9-]{1,63}\.){1,8}(?:com|edu|gov|org))(?![\w.-])",
    re.IGNORECASE,
)


def misleading_links(markdown: str) -> Iterator[int]:
    """Yields the offset after the label of each misleading link. It depends on nothing that follows
    the link's address.
    """
    opened: list[int] = []
    for sign in _SIGN.finditer(markdown):
        if sign[0] == "[":
            opened.append(sign.end())
        elif sign[0] == "]" and opened:
            start = max(opened.pop(), sign.start() - MAX_LABEL_CHARACTERS)
            label = markdown[start : sign.start()]
            if "." in label and _leads_elsewhere(label, markdown, sign.end()):
                yield sign.end()
        elif sign[0][0] == "\n":
            opened.clear()


def _leads_elsewhere(label: str, markdown: str, end: int) -> bool:
    """Whether what follows a label gives it an address, and the label names another one. Where the
    address stands elsewhere, in a link by reference, it counts as another.
    """
    if markdown[end : end + 1] not in {"(", "[", ":"}:
        return False
    shown = _ADDRESS.finditer(_MARKS.sub("", unescape(label)))
    hosts = [(each["host"] or each["name"]).lower() for each in shown]
    target = _TARGET.match(markdown, end)
    host = _host(target["address"]) if target else ""
    return not all(host == each or host.endswith(f".{each}") for each in hosts)


def _host(address: str) -> str:
    try:
        host = urlsplit(unescape(address)).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")

"""The text of an email: who wrote it to whom, and when, what it says, and what is attached.

https://www.rfc-editor.org/rfc/rfc5322
"""

from collections.abc import Callable, Iterable, Iterator
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message

from slackbot.attachments.extraction.html_text import read_html

HEADERS = ("Subject", "From", "To", "Cc", "Date")

MAX_ATTACHMENTS = 20
"""The further ones are not named."""

AttachmentReader = Callable[[bytes], Iterable[str]]


def read_email(content: bytes, read_attachment: AttachmentReader) -> Iterator[str]:
    """Yields its headers, its text, and the text of its attachments, as `read_attachment` reads
    each.
    """
    message = message_from_bytes(content)
    for name in HEADERS:
        if value := _header(message, name):
            yield f"{name}: {value}\n"
    yield "\n"
    parts = [part for part in message.walk() if not part.is_multipart()]
    attached = [part for part in parts if part.get_filename() or _is_attachment(part)]
    yield from _body([part for part in parts if part not in attached])
    for part in attached[:MAX_ATTACHMENTS]:
        yield f"\n\n[attached: {_decoded(part.get_filename() or 'a file')}]\n"
        yield from read_attachment(_payload(part))


def _body(parts: Iterable[Message]) -> Iterator[str]:
    """The plain text; where there is none, that of the HTML."""
    by_type = {each.get_content_type(): each for each in reversed([*parts])}
    plain, html = by_type.get("text/plain"), by_type.get("text/html")
    text = _text(plain).strip() if plain is not None else ""
    if text or html is None:
        yield text
    else:
        yield from read_html(_text(html), layout_tables=True)


def _is_attachment(part: Message) -> bool:
    return part.get_content_disposition() == "attachment"


def _header(message: Message, name: str) -> str:
    return " ".join(_decoded(str(message.get(name, ""))).split())


def _decoded(value: str) -> str:
    """With its encoded words as text: https://www.rfc-editor.org/rfc/rfc2047"""
    try:
        return str(make_header(decode_header(value)))
    except (LookupError, ValueError):
        return value


def _payload(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _text(part: Message) -> str:
    charset = part.get_content_charset() or "utf-8"
    try:
        return _payload(part).decode(charset, errors="replace")
    except LookupError:
        return _payload(part).decode(errors="replace")

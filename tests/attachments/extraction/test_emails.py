"""Emails as text, as mail programs write them."""

from email.message import EmailMessage

from slackbot.attachments.extraction.emails import MAX_ATTACHMENTS, read_email
from slackbot.attachments.extraction.sandbox import ExtractionSandbox
from slackbot.attachments.media_parts import TextContent
from slackbot.attachments.mimetypes import EMAIL_TYPE
from slackbot.conversation.attachment import Attachment
from tests import sample_files


def email(text: str = "", html: str = "") -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = "Grüße aus Köln"
    message["From"] = "Cleo <cleo@example.com>"
    if text:
        message.set_content(text)
    if html and text:
        message.add_alternative(html, subtype="html")
    elif html:
        message.set_content(html, subtype="html")
    return message


def read(message: EmailMessage) -> str:
    return "".join(read_email(message.as_bytes(), lambda content: [f"{len(content)} bytes"]))


HEADERS = "Subject: Grüße aus Köln\nFrom: Cleo <cleo@example.com>\n\n"


def test_plain_text() -> None:
    """The plain text is preferred to the HTML."""
    assert read(email("Größe: 3 m²\n", "<p>Other</p>")) == f"{HEADERS}Größe: 3 m²"


def test_html() -> None:
    """An email that has nothing but HTML is read as Markdown."""
    assert read(email(html="<table><tr><td>Dear <b>Ana</b></td></tr></table>")) == (
        f"{HEADERS}Dear **Ana**"
    )


def test_attachments() -> None:
    """What is attached is named and read, up to a number."""
    message = email("See below")
    for number in range(MAX_ATTACHMENTS + 1):
        message.add_attachment(b"abc", "text", "plain", filename=f"ä{number}.txt")
    assert read(message).startswith(f"{HEADERS}See below\n\n[attached: ä0.txt]\n3 bytes\n\n[at")
    assert read(message).count("[attached: ") == MAX_ATTACHMENTS


def test_odd_emails() -> None:
    """Unknown encodings and missing headers are no reason to read nothing."""
    content = b"Subject: =?x?q?a?=\nContent-Type: text/plain; charset=x\n\nHi"
    assert "".join(read_email(content, lambda _: [])) == "Subject: =?x?q?a?=\n\nHi"
    assert "".join(read_email(b"Hi", lambda _: [])).strip() in {"", "Hi"}


async def test_in_the_sandbox() -> None:
    """Attached documents are read with the email; one that is damaged costs nothing else."""
    message = email("See below")
    for name, content in {
        "a.docx": sample_files.docx("Dear Ben,"),
        "b.pdf": sample_files.pdf("Hello"),
        "c.csv": b"a,b\n",
        "d.png": sample_files.picture(),
        "e.docx": sample_files.docx("x")[:-400],
    }.items():
        message.add_attachment(content, "application", "octet-stream", filename=name)
    attachment = Attachment("F1", "Hi", EMAIL_TYPE)
    result = await ExtractionSandbox().extract(attachment, message.as_bytes(), 10_000)
    assert isinstance(result, TextContent)
    assert result.text == (
        f"{HEADERS}See below\n\n[attached: a.docx]\nDear Ben,\nleft,right\n"
        "\n\n[attached: b.pdf]\n[page 1]\nHello\n"
        "\n\n[attached: c.csv]\na,b\n"
        "\n\n[attached: d.png]\n(Its content is not available.)"
        "\n\n[attached: e.docx]\n(Its content is not available.)"
    )

"""Emails in Slack, as an email again: for the model they are read like one that is uploaded.

Slack puts what an email says into its file object, and `plain_text` holds all of the text. Its HTML
and its attachments are downloads of their own.
https://docs.slack.dev/reference/objects/file-object
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.header import Header
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import formatdate
from typing import Any

from slackbot.slack.json_fields import number_in, objects_in, text_in

MAX_ATTACHMENTS = 10
"""Further attachments of an email are not read."""

MAX_TIMESTAMP = 2**32
"""In 2106; a date has four digits for its year."""

ADDRESS_FIELDS = {"from": "From", "to": "To", "cc": "Cc"}


@dataclass(frozen=True, slots=True)
class EmailAttachment:
    name: str
    url: object
    """Where it can be downloaded, if Slack says so."""


def text_of(file: Mapping[str, Any]) -> str:
    """What the email says, as plain text; empty if Slack has its HTML only."""
    return text_in(file, "plain_text")


def preview_of(file: Mapping[str, Any]) -> str:
    """The beginning of that."""
    return text_in(file, "preview_plain_text") or text_in(file, "preview")


def attachments_of(file: Mapping[str, Any]) -> list[EmailAttachment]:
    """What was attached to it, as far as it is read."""
    named = [each for each in objects_in(file, "attachments") if each.get("filename")]
    return [EmailAttachment(text_in(each, "filename"), each.get("url")) for each in named][
        :MAX_ATTACHMENTS
    ]


def email_of(
    file: Mapping[str, Any], html: bytes | None, attached: Sequence[tuple[str, bytes]]
) -> bytes:
    """The email, with its HTML if there is no plain text, and attachments by their names."""
    message = MIMEMultipart()
    for name, value in _headers(file):
        message[name] = Header(" ".join(value.split()), "utf-8").encode(maxlinelen=0)
    if html is None:
        message.attach(MIMEText(text_of(file) or preview_of(file), "plain", "utf-8"))
    else:
        message.attach(MIMEText(html.decode(errors="replace"), "html", "utf-8"))
    for name, content in attached:
        part = MIMEApplication(content)
        part.add_header("Content-Disposition", "attachment", filename=("utf-8", "", name))
        message.attach(part)
    return message.as_bytes()


def _headers(file: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if subject := text_in(file, "subject") or text_in(file, "title"):
        yield "Subject", subject
    for field, name in ADDRESS_FIELDS.items():
        if people := ", ".join(filter(None, map(_address, objects_in(file, field)))):
            yield name, people
    headers = file.get("headers")
    if date := text_in(headers if isinstance(headers, dict) else {}, "date") or _sent(file):
        yield "Date", date


def _address(person: Mapping[str, Any]) -> str:
    name, address = text_in(person, "name"), text_in(person, "address")
    if name and address:
        return f"{name} <{address}>"
    return name or address or text_in(person, "original")


def _sent(file: Mapping[str, Any]) -> str:
    timestamp = number_in(file, "timestamp", most=MAX_TIMESTAMP)
    return formatdate(timestamp) if timestamp else ""

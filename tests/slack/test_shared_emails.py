"""Emails put together from what Slack says about them."""

from typing import Any

import pytest

from slackbot.attachments.extraction.emails import read_email
from slackbot.slack.shared_emails import MAX_ATTACHMENTS, attachments_of, email_of


def read(content: bytes) -> str:
    return "".join(read_email(content, lambda part: [part.decode()]))


def test_odd_fields() -> None:
    """Fields may be missing or of another type, and no name can add a header."""
    file = {
        "subject": "a\r\nBcc: x",
        "from": [{"name": "Cleo"}, {"original": "Dan <>"}, {"address": "e@x.org"}, "?"],
        "to": "nobody",
        "headers": [],
        "timestamp": 1679469637,
        "plain_text": 3,
    }
    assert read(email_of(file, None, [])) == (
        "Subject: a Bcc: x\nFrom: Cleo, Dan <>, e@x.org\nDate: Wed, 22 Mar 2023 07:20:37 -0000\n\n"
    )
    assert read(email_of({}, None, [])) == "\n"


def test_html_and_attachments() -> None:
    """The HTML takes the place of a text, and what is attached follows with its name."""
    email = email_of({"title": "Hi"}, b"<p>Dear \xc3\xa4</p>", [("größe.txt", b"3"), ("b", b"")])
    assert read(email) == "Subject: Hi\n\nDear ä\n\n[attached: größe.txt]\n3\n\n[attached: b]\n"


def test_attachments() -> None:
    """Those without a name are left out, and so are those above a number."""
    named = [{"filename": f"{number}.txt", "url": None} for number in range(MAX_ATTACHMENTS + 1)]
    found = attachments_of({"attachments": [{}, "?", *named]})
    assert [each.name for each in found] == [f"{number}.txt" for number in range(MAX_ATTACHMENTS)]
    assert attachments_of({"attachments": {}}) == []


@pytest.mark.parametrize(
    "file",
    [
        {"plain_text": "Hi \ud83d"},
        {"subject": "Hi \ud83d", "plain_text": "x"},
        {"subject": "Hi", "from": [{"name": "\ud83d", "address": "a@b"}]},
        {"subject": "Hi", "timestamp": 10**18},
        {"subject": "Hi", "timestamp": -(10**18)},
        {"subject": "Hi", "attachments": [{"filename": "\ud83d.txt"}]},
    ],
    ids=repr,
)
def test_half_characters_and_impossible_times(file: dict[str, Any]) -> None:
    """Slack cuts texts off within a character, and a mail program writes any time: the rest of the
    email is read.
    """
    attached = [(each.name, b"x") for each in attachments_of(file)]
    assert "Hi" in read(email_of(file, None, attached))

"""Canvases and emails, which Slack keeps as files and hands out as HTML.

https://docs.slack.dev/surfaces/canvases and
https://slack.com/help/articles/206819278-Send-emails-to-Slack
"""

from typing import Any

from slackbot.playground.fake_slack.files import FileStore, StoredFile
from slackbot.playground.fake_slack.members import Person

CANVAS_TYPE = "application/vnd.slack-docs"


def add_canvas(files: FileStore, owner: Person, title: str, body: str) -> StoredFile:
    """`body` is HTML. The size that Slack gives is that of the canvas, not of this."""
    file = files.add("-", owner, CANVAS_TYPE)
    file.title, file.served_as = title, "text/html"
    file.content = f'<div class="quip-canvas-content">{body}</div>'.encode()
    file.said_size = 871
    file.details = {
        "filetype": "quip",
        "pretty_type": "Canvas",
        "mode": "quip",
        "editable": True,
        "canvas_creator_id": owner.id,
    }
    return file


def add_email(
    files: FileStore, owner: Person, subject: str, html: str, **fields: Any
) -> StoredFile:
    """`fields` replace those of the file object, such as `plain_text`. Its size counts what was
    attached.
    """
    file = files.add(subject, owner, "text/html")
    file.content, file.said_size = html.encode(), len(html) + 497_976
    file.details = {
        "filetype": "email",
        "pretty_type": "Email",
        "mode": "email",
        "subject": subject,
        "from": [{"address": "cleo@example.com", "name": "Cleo", "original": "Cleo"}],
        "to": [{"address": "ana@example.com", "name": "Ana", "original": "Ana"}],
        "cc": [],
        "attachments": [],
        "original_attachment_count": 0,
        "headers": {"date": "Wed, 22 Mar 2023 16:20:37 +0900", "message_id": "<x@example.com>"},
        "has_more": False,
        **fields,
    }
    return file

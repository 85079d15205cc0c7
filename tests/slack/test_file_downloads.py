"""What is fetched from Slack, and from where it is not, over real HTTP."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web

from slackbot.attachments.extraction import emails
from slackbot.attachments.mimetypes import CANVAS_TYPE
from slackbot.conversation.attachment import MAX_FILE_BYTES, Attachment
from slackbot.conversation.ids import ChannelId, UserId
from slackbot.errors import AttachmentError
from slackbot.playground.fake_slack.documents import add_canvas, add_email
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.files import StoredFile
from slackbot.playground.fake_slack.members import Channel, Person
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.slack import texts
from slackbot.slack.client import web_client
from slackbot.slack.events import attachment_from
from slackbot.slack.file_downloads import SlackFiles

DENIED = texts.FILE_DENIED.format(name="notes.txt")


@dataclass
class Ground:
    workspace: Workspace
    files: SlackFiles
    ana: Person
    general: Channel
    strangers: list[str]
    """The requests that came to a server which is not Slack's, and its address before them."""

    async def post(self, file: StoredFile) -> StoredFile:
        """Shares a file in #general that is stored already."""
        self.workspace.feed.connection_timeout = 0.0
        shared = self.workspace.files.json(file)
        await self.workspace.say(self.ana, self.general, "", files=[shared])
        return file

    async def share(self, content: bytes = b"abc", name: str = "notes.txt") -> StoredFile:
        """A file in #general."""
        shared = self.workspace.share(self.ana, name, content, "text/plain")
        return await self.post(self.workspace.files.find(shared["id"]))

    async def fetch(self, file: StoredFile, channel: str = "") -> bytes:
        attachment = attachment_from(self.workspace.files.json(file))
        return await (
            await self.files.find(ChannelId(channel or self.general.id), attachment)
        ).read()

    async def refusal(self, file: StoredFile, channel: str = "") -> str:
        with pytest.raises(AttachmentError) as caught:
            await self.fetch(file, channel)
        return caught.value.user_message


async def name_of(person: UserId) -> str | None:
    return "Ben & Co." if person == "U0000BEN" else None


@pytest.fixture
async def ground() -> AsyncIterator[Ground]:
    requests: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        requests.append(str(request.headers))
        return web.Response(body=b"stolen")

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    requests.append(f"http://127.0.0.1:{runner.addresses[0][1]}/x")
    async with (
        Workspace() as workspace,
        web_client(workspace.url, workspace.bot_token) as client,
    ):
        ana = workspace.add_person("Ana")
        general = workspace.add_channel("general", members=[ana])
        yield Ground(workspace, SlackFiles(client, name_of), ana, general, requests)
    await runner.cleanup()


async def test_a_file(ground: Ground) -> None:
    """A file that was shared in the channel is fetched with the bot's token."""
    assert await ground.fetch(await ground.share()) == b"abc"


async def test_a_file_of_another_organisation(ground: Ground) -> None:
    """Of a file whose event tells the id alone, Slack tells the rest when it is asked.

    https://docs.slack.dev/apis/slack-connect/#files
    """
    file = await ground.share()
    unseen = attachment_from(ground.workspace.files.unseen_json(file))
    assert unseen == Attachment(file.id)
    found = await ground.files.find(ChannelId(ground.general.id), unseen)
    assert found.attachment == Attachment(file.id, "notes.txt", "text/plain", 3)
    assert await found.read() == b"abc"


async def test_a_file_of_another_channel(ground: Ground) -> None:
    """What was shared in one channel can't be read from another, though the bot is in both."""
    file = await ground.share()
    other = ground.workspace.add_channel("secret", members=[ground.ana], private=True)
    sentence = texts.FILE_GONE.format(name="notes.txt")
    assert await ground.refusal(file, other.id) == sentence


async def test_redirects(ground: Ground) -> None:
    """No redirect is followed: neither the token nor the bot's place in the network goes along."""
    file = await ground.share()
    file.moved_to = ground.strangers[0]
    assert await ground.refusal(file) == DENIED
    assert len(ground.strangers) == 1


async def test_another_service(ground: Ground) -> None:
    """What another service keeps is not fetched."""
    file = await ground.share()
    file.elsewhere = ground.strangers[0]
    sentence = texts.FILE_ELSEWHERE.format(name="notes.txt")
    assert await ground.refusal(file) == sentence
    assert len(ground.strangers) == 1


async def test_a_missing_scope(ground: Ground) -> None:
    """Without files:read the sentence says whom to tell what."""
    file = await ground.share()
    ground.workspace.scopes.remove("files:read")
    assert await ground.refusal(file) == texts.FILES_FORBIDDEN


@pytest.mark.parametrize("mimetype", ["text/plain", "text/html"])
async def test_a_login_page(ground: Ground, mimetype: str) -> None:
    """Slack's login page, which comes with status 200, is not taken for the file."""
    file = await ground.share()
    file.mimetype, file.locked = mimetype, True
    assert await ground.refusal(file) == DENIED


async def test_a_web_page(ground: Ground) -> None:
    """A file that is a web page is no login page."""
    file = await ground.share(b"<html>", "page.html")
    file.mimetype = "text/html"
    assert await ground.fetch(file) == b"<html>"


async def test_large_files(ground: Ground) -> None:
    """Above 20 MB nothing is fetched, and a file that says less is not read to its end."""
    sentence = "“notes.txt” is larger than 20 MB, so I did not read it."
    assert len(await ground.fetch(await ground.share(bytes(MAX_FILE_BYTES)))) == MAX_FILE_BYTES
    file = await ground.share(bytes(MAX_FILE_BYTES + 1))
    calls = len(ground.workspace.calls)
    assert await ground.refusal(file) == sentence
    assert len(ground.workspace.calls) == calls
    file.said_size = 10
    assert await ground.refusal(file) == sentence


async def test_an_empty_file(ground: Ground) -> None:
    """Nothing to fetch."""
    assert await ground.refusal(await ground.share(b"")) == "“notes.txt” is empty."


async def test_a_deleted_file(ground: Ground) -> None:
    """Gone is gone."""
    file = await ground.share()
    file.deleted = True
    sentence = texts.FILE_GONE.format(name="notes.txt")
    assert await ground.refusal(file) == sentence


async def test_a_passing_failure(ground: Ground) -> None:
    """What Slack can't send now, it may send a moment later."""
    file = await ground.share()
    file.failures = 1
    assert await ground.fetch(file) == b"abc"


CANVAS = '<h1>Plan</h1><p class="line"><a>@U0000BEN</a> and <a>@U0NOBODY</a></p>'
LOGIN = texts.FILE_DENIED.format(name="Plan")


async def test_a_canvas(ground: Ground) -> None:
    """A canvas comes as HTML of another size than Slack says, with the names of people."""
    file = await ground.post(add_canvas(ground.workspace.files, ground.ana, "Plan", CANVAS))
    content = (await ground.fetch(file)).decode()
    assert content.startswith('<div class="quip-canvas-content"><h1>Plan</h1>')
    assert "<a>@Ben &amp; Co.</a> and <a>@U0NOBODY</a>" in content
    found = await ground.files.find(ChannelId(ground.general.id), Attachment(file.id))
    assert found.attachment == Attachment(file.id, "Plan", CANVAS_TYPE, None)


async def test_the_login_page_for_a_canvas(ground: Ground) -> None:
    """Slack's login page is not taken for a canvas."""
    file = await ground.post(add_canvas(ground.workspace.files, ground.ana, "Plan", CANVAS))
    file.locked = True
    assert await ground.refusal(file) == LOGIN


async def read_email(ground: Ground, html: str = "<p>Hi</p>", **fields: Any) -> str:
    """The text of an email that was sent to #general, without the lines of its MIME parts."""
    file = await ground.post(
        add_email(ground.workspace.files, ground.ana, "Fwd: Büro", html, **fields)
    )
    content = await ground.fetch(file)
    return "".join(emails.read_email(content, lambda part: [part.decode()]))


HEADERS = (
    "Subject: Fwd: Büro\nFrom: Cleo <cleo@example.com>\nTo: Ana <ana@example.com>\n"
    "Date: Wed, 22 Mar 2023 16:20:37 +0900\n\n"
)


async def test_an_email(ground: Ground) -> None:
    """An email has its headers and its plain text, which Slack gives without a download."""
    assert await read_email(ground, plain_text="Größe: 3 m²\n\nCleo") == (
        f"{HEADERS}Größe: 3 m²\n\nCleo"
    )


async def test_an_email_in_html(ground: Ground) -> None:
    """Where there is no plain text, the HTML is fetched, whatever its size."""
    assert await read_email(ground, "<html><body><p>Dear <b>Ana</b></p></body></html>") == (
        f"{HEADERS}Dear **Ana**"
    )


async def test_an_email_whose_html_is_locked(ground: Ground) -> None:
    """If the HTML can't be had the beginning that Slack shows is read."""
    file = add_email(ground.workspace.files, ground.ana, "Hi", "", preview_plain_text="Dear A")
    file.locked = True
    content = await ground.fetch(await ground.post(file))
    assert "".join(emails.read_email(content, lambda _: [])).endswith("\n\nDear A")


async def test_the_attachments_of_an_email(ground: Ground) -> None:
    """They are fetched from Slack's hosts; the others are named."""
    notes = ground.workspace.share(ground.ana, "a.txt", b"one", "text/plain")
    attached = [
        {"filename": "a.txt", "url": notes["url_private"]},
        {"filename": "b.txt", "url": ground.strangers[0]},
        {"size": 3},
    ]
    read = await read_email(ground, plain_text="See below", attachments=attached)
    assert read == f"{HEADERS}See below\n\n[attached: a.txt]\none\n\n[attached: b.txt]\n"
    assert len(ground.strangers) == 1


@pytest.mark.parametrize(
    ("details", "sentence"),
    [
        ({"mode": "hidden_by_limit"}, texts.FILE_HIDDEN),
        ({"mode": "tombstone"}, texts.FILE_GONE),
        ({"mode": "external", "is_external": True}, texts.FILE_ELSEWHERE),
        ({"is_external": True, "external_type": "gdrive"}, texts.FILE_ELSEWHERE),
        ({"mode": "list", "filetype": "list", "size": 0}, texts.FILE_IS_A_LIST),
        ({"file_access": "access_denied"}, texts.FILE_DENIED),
        ({"mode": "file_access", "file_access": "file_not_found"}, texts.FILE_DENIED),
        ({"url_private": None, "url_private_download": ""}, texts.FILE_NOT_READY),
    ],
)
async def test_files_that_slack_only_describes(
    ground: Ground, details: dict[str, Any], sentence: str
) -> None:
    """Each reason why there is no content has its own sentence."""
    file = await ground.share()
    file.details = details
    assert await ground.refusal(file) == sentence.format(name="notes.txt")


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("file_not_found", texts.FILE_GONE),
        ("file_deleted", texts.FILE_GONE),
        ("access_denied", texts.FILE_DENIED),
        ("not_visible", texts.FILE_DENIED),
        ("account_inactive", texts.FILE_UNREACHABLE),
    ],
)
async def test_refusals(ground: Ground, code: str, sentence: str) -> None:
    """What Slack answers in place of a description decides which sentence people read."""
    file = await ground.share()
    ground.workspace.faults.add("files.info", Fault.error(code))
    assert await ground.refusal(file) == sentence.format(name="notes.txt")

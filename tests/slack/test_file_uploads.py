"""Files that the bot adds to threads, over real HTTP."""

from collections.abc import AsyncIterator

import pytest

from slackbot.conversation.ids import ChannelId, TeamId, Ts
from slackbot.conversation.messages import ThreadKey
from slackbot.errors import DeliveryError, UnreachableError
from slackbot.playground.fake_slack.faults import Fault, FaultAnswer
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.slack.client import web_client
from slackbot.slack.file_uploads import MAX_ATTEMPTS, SlackUploads

ASKING = "files.getUploadURLExternal"
SHARING = "files.completeUploadExternal"


@pytest.fixture
async def workspace() -> AsyncIterator[Workspace]:
    async with Workspace() as workspace:
        yield workspace


@pytest.fixture
async def uploads(workspace: Workspace) -> AsyncIterator[SlackUploads]:
    async with web_client(workspace.url, workspace.bot_token) as client:
        yield SlackUploads(client)


async def thread(workspace: Workspace) -> ThreadKey:
    ana = workspace.add_person("Ana")
    workspace.feed.connection_timeout = 0.0
    message = await workspace.say(ana, workspace.add_channel("general", members=[ana]), "hello")
    return ThreadKey(TeamId(workspace.team.team_id), ChannelId(message.channel), Ts(message.ts))


async def test_an_upload(workspace: Workspace, uploads: SlackUploads) -> None:
    """It stands in the thread, with its title, and the content is what was sent."""
    where = await thread(workspace)
    await uploads.upload(where, "a.mp3", b"abc", "A title")
    message = workspace.thread(workspace.channels[where.channel], where.ts)[-1]
    (file,) = message.files
    assert (message.author, file["name"], file["title"]) == (workspace.bot, "a.mp3", "A title")
    assert workspace.files.find(file["id"]).content == b"abc"


async def test_a_right_that_ends(workspace: Workspace) -> None:
    """Slack gets nothing of a file from a process that may no longer answer."""
    where = await thread(workspace)

    def has_not_begun() -> bool:
        return ASKING not in [call.method for call in workspace.calls]

    async with web_client(workspace.url, workspace.bot_token) as client:
        uploads = SlackUploads(client.guarded_by(has_not_begun))
        with pytest.raises(UnreachableError):
            await uploads.upload(where, "a.mp3", b"abc", "A title")
    assert [each.content for each in workspace.files] == [b""]


async def test_an_address_that_is_not_slacks(workspace: Workspace, uploads: SlackUploads) -> None:
    """Nothing is sent to another host, whoever names it."""
    body = {"ok": True, "upload_url": "http://127.0.0.1:1/x", "file_id": "F1"}
    workspace.faults.add("files.getUploadURLExternal", Fault("answer", FaultAnswer(200, body, {})))
    with pytest.raises(DeliveryError, match="Slack rejected the request"):
        await uploads.upload(await thread(workspace), "a.mp3", b"abc", "A title")


async def test_refusals(workspace: Workspace, uploads: SlackUploads) -> None:
    """A missing scope and an unreachable Slack are told apart."""
    where = await thread(workspace)
    workspace.faults.add("files.completeUploadExternal", Fault.status(503), times=MAX_ATTEMPTS)
    with pytest.raises(UnreachableError):
        await uploads.upload(where, "a.mp3", b"abc", "A title")
    workspace.scopes.remove("files:write")
    with pytest.raises(DeliveryError):
        await uploads.upload(where, "a.mp3", b"abc", "A title")


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "upload", SHARING, "files.info"])
@pytest.mark.parametrize(
    "fault",
    [
        Fault.foreign(429, b"slow down", "text/plain", {"Retry-After": "1"}),
        Fault.foreign(503, b"no healthy upstream", "text/plain"),
        Fault.foreign(200, b"", "text/plain"),
        Fault.foreign(200, b"<html></html>", "text/html", after=True),
        Fault.foreign(302, b"", "text/html", {"Location": "/login"}, after=True),
    ],
)
async def test_a_passing_failure(
    workspace: Workspace, uploads: SlackUploads, method: str, fault: Fault
) -> None:
    """Whichever step fails for a moment, and whether it took effect: the file stands in the thread,
    once.
    """
    where = await thread(workspace)
    if method == "files.info":  # is asked only after a failure
        workspace.faults.add(SHARING, Fault.status(503))
    workspace.faults.add(method, fault)
    await uploads.upload(where, "a.mp3", b"abc", "A title")
    assert not workspace.faults.pending
    replies = workspace.thread(workspace.channels[where.channel], where.ts)[1:]
    ((file,),) = [message.files for message in replies]
    assert workspace.files.find(file["id"]).content == b"abc"

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_slack.workspace import Workspace


async def test_uploads(workspace: Workspace, api: AsyncWebClient) -> None:
    """slack_sdk's three steps of an upload end in a message with the file, in its thread."""
    channel = workspace.add_channel("general")
    ts = (await api.chat_postMessage(channel=channel.id, text="a"))["ts"]
    await api.files_upload_v2(
        channel=channel.id, content="abc", filename="a.txt", title="A", thread_ts=ts
    )
    message = workspace.thread(channel, ts)[-1]
    (file,) = message.files
    assert (message.subtype, file["title"], file["size"]) == ("file_share", "A", 3)
    assert workspace.files.find(file["id"]).content == b"abc"


async def test_uploads_as_forms(
    workspace: Workspace, api: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    """The content can also be sent as a form."""
    asked = await api.files_getUploadURLExternal(filename="a.txt", length=3)
    form = aiohttp.FormData({"filename": "a.txt"})
    form.add_field("file", b"abc", filename="a.txt")
    async with session.post(asked["upload_url"], data=form) as response:
        assert response.status == 200
    assert workspace.files.find(asked["file_id"]).content == b"abc"


async def test_incomplete_uploads(api: AsyncWebClient, session: aiohttp.ClientSession) -> None:
    """An upload without content or length, or of an unknown file, is refused."""
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await api.files_getUploadURLExternal(filename="a.txt", length=0)
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await api.files_completeUploadExternal(files=[])
    asked = await api.files_getUploadURLExternal(filename="a.txt", length=3)
    with pytest.raises(SlackApiError, match="nothing was uploaded"):
        await api.files_completeUploadExternal(files=[{"id": asked["file_id"]}])
    with pytest.raises(SlackApiError, match="file_not_found"):
        await api.files_info(file="F404")
    async with session.post(f"{asked['upload_url']}x", data=b"abc") as response:
        assert response.status == 404
    without_file = aiohttp.FormData({"a": "b"}, default_to_multipart=True)
    async with session.post(asked["upload_url"], data=without_file) as response:
        assert response.status == 400

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_slack.workspace import Workspace
from tests.playground.fake_slack.bare_app import BareApp


async def test_shared_files(
    workspace: Workspace, app: BareApp, api: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    """A shared file arrives as file_share and is downloaded with the bot's token."""
    ann = workspace.add_person("ann")
    file = workspace.share(ann, "notes.txt", b"abc", "text/plain")
    await workspace.say(ann, workspace.direct_message(ann), "", files=[file])
    (event,) = app.events
    assert event["subtype"] == "file_share"
    assert event["files"] == [file]
    assert (await api.files_info(file=file["id"]))["file"]["size"] == 3
    headers = {"Authorization": f"Bearer {workspace.bot_token}"}
    async with session.get(file["url_private"], headers=headers) as response:
        assert (response.content_type, await response.read()) == ("text/plain", b"abc")

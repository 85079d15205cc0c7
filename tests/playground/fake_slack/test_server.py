import aiohttp
import pytest

from slackbot.playground.fake_slack.workspace import Workspace


@pytest.mark.parametrize("lacking", ["token", "scope"])
async def test_downloads_that_are_not_allowed(
    workspace: Workspace, session: aiohttp.ClientSession, lacking: str
) -> None:
    """Without the token or its scope Slack shows its login page, with status 200."""
    file = workspace.share(workspace.add_person("ann"), "notes.txt", b"abc", "text/plain")
    headers = {"Authorization": f"Bearer {workspace.bot_token}"}
    if lacking == "token":
        headers.clear()
    else:
        workspace.scopes.remove("files:read")
    async with session.get(file["url_private"], headers=headers) as response:
        assert (response.status, response.content_type) == (200, "text/html")

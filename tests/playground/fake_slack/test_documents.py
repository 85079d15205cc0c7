import aiohttp

from slackbot.playground.fake_slack.documents import add_canvas, add_email
from slackbot.playground.fake_slack.workspace import Workspace


async def test_canvases_and_emails(workspace: Workspace, session: aiohttp.ClientSession) -> None:
    """Both are files of their own modes, and come as HTML whose size is another than theirs."""
    ann = workspace.add_person("ann")
    files = (
        add_canvas(workspace.files, ann, "Plan", "<p>Hi</p>"),
        add_email(workspace.files, ann, "Offer", "<p>Hi</p>", plain_text="Hi"),
    )
    headers = {"Authorization": f"Bearer {workspace.bot_token}"}
    for file, mode in zip(files, ("quip", "email"), strict=True):
        described = workspace.files.json(file)
        assert described["mode"] == mode
        async with session.get(described["url_private"], headers=headers) as response:
            content = await response.read()
            assert response.content_type == "text/html"
        assert b"<p>Hi</p>" in content
        assert described["size"] != len(content)

from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_slack.workspace import Workspace


async def test_who_the_app_is(workspace: Workspace, api: AsyncWebClient) -> None:
    """auth.test names the team and the bot, and a header lists what the token may do."""
    workspace.scopes = {"chat:write", "users:read"}
    answer = await api.auth_test()
    assert answer["team_id"] == workspace.team.team_id
    assert answer["user_id"] == workspace.bot.id
    assert answer["bot_id"] == workspace.bot.bot_id
    assert answer.headers["x-oauth-scopes"] == "chat:write,users:read"

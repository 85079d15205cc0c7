from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_slack.workspace import Workspace


async def test_groups(workspace: Workspace, api: AsyncWebClient) -> None:
    """usergroups.list returns the handle of each group."""
    group = workspace.add_group("ops")
    (found,) = (await api.usergroups_list())["usergroups"]
    assert (found["id"], found["handle"]) == (group, "ops")

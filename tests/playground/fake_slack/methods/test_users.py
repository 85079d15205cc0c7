from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_slack.workspace import Workspace


async def test_people(workspace: Workspace, api: AsyncWebClient) -> None:
    """users.info returns a person's roles and team."""
    kinds: list[dict[str, Any]] = [
        {},
        {"admin": True},
        {"owner": True},
        {"restricted": True},
        {"ultra_restricted": True},
        {"stranger": True},
        {"bot": True},
    ]
    seen = []
    for kind in kinds:
        person = workspace.add_person("ann", real_name="Ann Lee", **kind)
        user = (await api.users_info(user=person.id))["user"]
        assert (user["name"], user["profile"]["real_name"]) == ("ann", "Ann Lee")
        flags = {name for name, value in user.items() if name.startswith("is_") and value is True}
        seen.append((flags, user["team_id"] == workspace.team.team_id))
    assert seen == [
        (set(), True),
        ({"is_admin"}, True),
        ({"is_admin", "is_owner"}, True),
        ({"is_restricted"}, True),
        ({"is_restricted", "is_ultra_restricted"}, True),
        ({"is_stranger"}, False),
        ({"is_bot"}, True),
    ]
    assert len((await api.users_list())["members"]) == len(kinds) + 1
    with pytest.raises(SlackApiError, match="user_not_found"):
        await api.users_info(user="U404")

"""A bot with one token takes in what is about its workspace alone."""

import pytest
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from slackbot.conversation.ids import TeamId
from slackbot.slack import texts
from slackbot.slack.own_workspace import OwnWorkspace
from tests.harness import BotHarness


async def test_events_of_another_workspace_are_one_line(
    harness: BotHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """The log names each workspace once, however many of its events are ignored."""
    event = {"type": "message", "channel": "C9", "ts": "1.0", "user": "U9", "text": "hi"}
    nowhere: dict[str, object] = {"team_id": None, "context_team_id": None, "authorizations": []}
    async with harness.running():
        for whose in ({"team_id": "T9"}, {"team_id": "T8"}, {"enterprise_id": "E9"}):
            for _ in range(3):
                await harness.workspace.deliver(event, **{**nowhere, **whose})
    lines = [each for each in caplog.records if "are ignored" in each.getMessage()]
    ignored = [each.getMessage().removeprefix("Events of ").partition(" ")[0] for each in lines]
    assert ignored == ["'T9'", "'T8'", "'E9'"]
    assert all(line.levelname == "WARNING" for line in lines)


class Everything:
    """Takes in whatever reaches it."""

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        return BoltResponse(status=200, body=f"taken in: {req.body}")


@pytest.mark.parametrize(
    "body",
    [
        {"command": "/instructions", "team_id": "T1"},
        {"view": {"app_installed_team_id": "T1"}, "team": {"id": "T9"}},
        {"view": {}, "team": {"id": "T1"}},
        {"view": {"app_installed_team_id": "E1"}, "team": {"id": "T1", "enterprise_id": "E1"}},
        {"event": {}, "team_id": "T9", "context_team_id": "T1"},
        {"event": {}, "team_id": "T9", "authorizations": [{"team_id": "T1"}]},
        {"type": "block_actions", "team": {"id": "T9"}},
    ],
)
async def test_its_own(body: dict[str, object]) -> None:
    """Also what people of another workspace do in a shared channel, or with a form of its bot."""
    own = OwnWorkspace(TeamId("T1"), Everything())
    request = AsyncBoltRequest(body=body, mode="socket_mode")
    assert "taken in" in (await own.async_dispatch(request)).body


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"command": "/instructions", "team_id": "T9"}, texts.OTHER_WORKSPACE),
        ({"view": {"app_installed_team_id": "T9"}, "team": {"id": "T1"}}, ""),
        ({"view": {}, "team": {"id": "T9"}}, ""),
        ({"event": {}, "team_id": "T9", "authorizations": None}, ""),
    ],
)
async def test_what_is_not(body: dict[str, object], told: str) -> None:
    """It is acknowledged, and a person who gives a command is told."""
    own = OwnWorkspace(TeamId("T1"), Everything())
    response = await own.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))
    assert (response.status, response.body) == (200, told)

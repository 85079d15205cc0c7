"""Deliveries find the Bolt app of their workspace."""

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from slackbot.conversation.ids import ChannelId, TeamId
from slackbot.errors import StoreError, UnreachableError
from slackbot.slack import texts
from slackbot.slack.payload_workspaces import Removal
from slackbot.slack.router import Router
from slackbot.workspaces.installations import InstallationKey
from slackbot.workspaces.token_encryption import EncryptionError
from tests.slack.test_payload_workspaces import authorized, event, removal
from tests.workspaces.samples import key


class Workspaces:
    """Real Bolt apps that note what they get; the workspaces of `organisations` join when seen."""

    def __init__(self, *teams: str) -> None:
        self.received: list[tuple[str, Mapping[str, Any], object]] = []
        self.apps = {team: self.app(team) for team in teams}
        self.organisations: set[str] = set()
        self.removed: list[Removal] = []
        self.statuses: dict[str, int] = {}
        self.is_failing = self.is_slack_down = False
        self.unreadable: set[str] = set()
        """The workspaces whose token can't be decrypted."""
        self.sharing: dict[tuple[str, str], Sequence[TeamId]] = {}
        """The workspaces of a channel, by the one that can see it."""
        self.router = Router(self.app_of, self, self, self)

    def app(self, team: str) -> AsyncApp:
        async def authorize(**_: Any) -> AuthorizeResult:
            return AuthorizeResult(
                enterprise_id=None, team_id=team, bot_token=f"xoxb-{team}", bot_user_id="UBOT"
            )

        async def note(req: AsyncBoltRequest, context: Any) -> BoltResponse:
            self.received.append((team, req.body, context.token))
            return BoltResponse(status=self.statuses.get(team, 200), body=team)

        app = AsyncApp(signing_secret="", authorize=authorize, request_verification_enabled=False)
        app.use(note)
        return app

    async def app_of(self, team: TeamId) -> AsyncApp | None:
        if self.is_failing:
            raise StoreError("The database does not answer.")
        if team in self.unreadable:
            raise EncryptionError("It can't be decrypted.")
        return self.apps.get(team)

    async def admit(self, key: InstallationKey) -> bool:
        if key.enterprise not in self.organisations:
            return False
        self.apps[key.team] = self.app(key.team)
        return True

    async def on_added(self, key: InstallationKey) -> None:
        if self.is_slack_down:
            raise UnreachableError("auth.teams.list", sent=True)
        self.organisations.add(key.enterprise)

    async def teams(self, channel: ChannelId, asked_by: TeamId) -> Sequence[TeamId]:
        if self.is_slack_down:
            raise UnreachableError("conversations.info", sent=True)
        if asked_by in self.unreadable:
            raise EncryptionError("It can't be decrypted.")
        return self.sharing.get((channel, asked_by), ())

    async def on_removal(self, removal: Removal) -> None:
        if self.is_failing:
            raise StoreError("The database does not answer.")
        self.removed.append(removal)

    async def deliver(self, payload: Mapping[str, Any], mode: str = "http") -> BoltResponse:
        body = json.dumps(payload) if mode == "http" else dict(payload)
        headers = {"content-type": "application/json"}
        request = AsyncBoltRequest(body=body, headers=headers, mode=mode)  # type: ignore[arg-type]
        return await self.router.async_dispatch(request)

    @property
    def receivers(self) -> list[str]:
        return [team for team, _, _ in self.received]


@pytest.mark.parametrize("mode", ["http", "socket_mode"])
async def test_each_workspace_gets_its_own(mode: str) -> None:
    """Over HTTP and over a socket, with the workspace's own token."""
    workspaces = Workspaces("T1", "T2")
    for team in ("T2", "T1"):
        response = await workspaces.deliver(event(authorized(team), team_id=team), mode)
        assert (response.status, response.body) == (200, team)
    command = {"command": "/instructions", "team_id": "T2"}
    assert (await workspaces.deliver(command, mode)).body == "T2"
    assert [(team, token) for team, _, token in workspaces.received] == [
        ("T2", "xoxb-T2"),
        ("T1", "xoxb-T1"),
        ("T2", "xoxb-T2"),
    ]


@pytest.mark.parametrize("mode", ["http", "socket_mode"])
async def test_a_shared_channel(mode: str) -> None:
    """Each workspace that has the app gets the event, with its own token; others are no matter."""
    workspaces = Workspaces("T1", "T2")
    payload = event(
        authorized("T1"), team_id="T2", context_team_id="T3", is_ext_shared_channel=True
    )
    assert (await workspaces.deliver(payload, mode)).status == 200
    assert workspaces.received == [("T1", payload, "xoxb-T1"), ("T2", payload, "xoxb-T2")]


async def test_slack_names_only_one(caplog: pytest.LogCaptureFixture) -> None:
    """The others that share the channel get it too, and each of them once. While Slack does not
    say who they are, the named one gets it, and Slack is asked to send it again.
    """
    workspaces = Workspaces("T1", "T2", "T3")
    workspaces.sharing["C1", "T2"] = [TeamId(team) for team in ("T1", "T2", "T9", "T1")]
    payload = event(authorized("T2"), team_id="T2", is_ext_shared_channel=True)
    assert (await workspaces.deliver(payload)).status == 200
    assert workspaces.receivers == ["T2", "T1"]
    workspaces.is_slack_down = True
    assert (await workspaces.deliver(payload)).status == 503
    assert workspaces.receivers == ["T2", "T1", "T2"]
    direct = event(authorized("T2"), team_id="T2", channel="D1", is_ext_shared_channel=True)
    assert (await workspaces.deliver(direct)).status == 200
    assert "conversations.info" not in caplog.text


async def test_one_of_several_fails() -> None:
    """Slack is asked to send it again, and the others got it all the same."""
    workspaces = Workspaces("T1", "T2")
    workspaces.statuses["T1"] = 503
    payload = event(authorized("T1"), team_id="T2", is_ext_shared_channel=True)
    assert (await workspaces.deliver(payload)).status == 503
    assert workspaces.receivers == ["T1", "T2"]


async def test_one_of_several_is_unreadable() -> None:
    """The others get it all the same, also those that only another workspace can see; Slack is
    asked to send it again.
    """
    workspaces = Workspaces("T1", "T2", "T3")
    workspaces.unreadable.add("T1")
    workspaces.sharing["C1", "T2"] = [TeamId(team) for team in ("T1", "T2", "T3")]
    payload = event(authorized("T1"), team_id="T2", is_ext_shared_channel=True)
    assert (await workspaces.deliver(payload)).status == 503
    assert workspaces.receivers == ["T2", "T3"]


async def test_a_press_belongs_to_one() -> None:
    """To the workspace of the message, if that has the app; otherwise to the person's."""
    workspaces = Workspaces("T1", "T2")
    press = {
        "type": "block_actions",
        "team": {"id": "T2"},
        "message": {"team": "T1"},
        "actions": [{"action_id": "a"}],
    }
    await workspaces.deliver(press)
    assert workspaces.receivers == ["T1"]
    del workspaces.apps["T1"]
    await workspaces.deliver(press)
    assert workspaces.receivers == ["T1", "T2"]


async def test_a_new_workspace_of_an_organisation() -> None:
    """It joins with its first event."""
    workspaces = Workspaces()
    workspaces.organisations.add("E1")
    payload = event(authorized(None, "E1", whole=True), team_id="T7", context_team_id="T7")
    assert (await workspaces.deliver(payload)).body == "T7"


async def test_a_workspace_that_an_organisation_adds() -> None:
    """It is let in when Slack says so, and Slack says so again if that was not possible."""
    workspaces = Workspaces()
    added = {"type": "team_access_granted", "team_ids": ["T5"]}
    payload = {**removal("", enterprise_id="E1", team_id=None), "event": added}
    workspaces.is_slack_down = True
    assert (await workspaces.deliver(payload)).status == 503
    workspaces.is_slack_down = False
    assert (await workspaces.deliver(payload)).status == 200
    assert workspaces.organisations == {"E1"}


async def test_a_workspace_without_the_app(caplog: pytest.LogCaptureFixture) -> None:
    """Its events are acknowledged and logged once; a person who gives a command is told."""
    workspaces = Workspaces("T1")
    for _ in range(3):
        response = await workspaces.deliver(event(authorized("T9"), team_id="T9"))
        assert (response.status, response.body) == (200, "")
    response = await workspaces.deliver({"command": "/instructions", "team_id": "T9"})
    assert (response.status, response.body) == (200, texts.NOT_INSTALLED)
    assert (await workspaces.deliver(event())).status == 200
    warnings = [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]
    assert ["'T9'" in each for each in warnings] == [True, False]
    assert workspaces.received == []


async def test_the_database_is_down(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is acknowledged that was not taken in, so that Slack sends it again."""
    workspaces = Workspaces("T1")
    workspaces.is_failing = True
    assert (await workspaces.deliver(event(authorized("T1"), team_id="T1"))).status == 503
    assert (await workspaces.deliver(removal("app_uninstalled", team_id="T1"))).status == 503
    assert "The database does not answer." in caplog.text


async def test_removals() -> None:
    """They are about an installation, whose app may not be there any more."""
    workspaces = Workspaces("T1")
    for payload in (
        removal("app_uninstalled", team_id="T1"),
        removal("tokens_revoked", team_id="T8"),
    ):
        assert (await workspaces.deliver(payload)).status == 200
    assert workspaces.removed == [
        Removal("app_uninstalled", key("T1")),
        Removal("tokens_revoked", key("T8")),
    ]
    assert workspaces.received == []


async def test_slack_verifies_the_address() -> None:
    """No workspace is named when Slack checks the request URL and its certificate."""
    workspaces = Workspaces()
    response = await workspaces.deliver({"type": "url_verification", "challenge": "abc"})
    assert (response.status, json.loads(response.body)) == (200, {"challenge": "abc"})
    assert (await workspaces.deliver({"ssl_check": "1"})).status == 200

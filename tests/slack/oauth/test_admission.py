"""Which workspaces of an organisation are let in, as Slack says."""

import pytest
from aiohttp import web

from slackbot.errors import SlackError
from slackbot.slack.oauth.admission import REFUSED_SECONDS, OrganisationAdmission
from slackbot.store import RecordStore
from tests.slack.oauth.oauth_server import App, OAuthServer
from tests.slack.oauth.replica import Replica, replica
from tests.workspaces.samples import key


def admission(here: Replica) -> OrganisationAdmission:
    return OrganisationAdmission(here.store, here.installed, here.standing, here.clock)


async def test_only_those_that_slack_lists(server: OAuthServer, store: RecordStore) -> None:
    """Nobody else of the organisation, and nobody of another one. Slack is not asked about the same
    one all the time, and not about one that is in.
    """
    whole = server.install(App("", "E1", is_for_organisation=True, teams=["T1"]))
    async with replica(server, store) as here:
        admitting = admission(here)
        assert not await admitting.admit(key("T1", "E1"))
        await here.save(whole)
        for _ in range(2):
            assert await admitting.admit(key("T1", "E1"))
            assert not await admitting.admit(key("T2", "E1"))
            assert not await admitting.admit(key("T3", "E2"))
            assert not await admitting.admit(key("T4"))
        assert server.methods() == ["auth.teams.list"] * 2
        whole.teams.append("T2")
        here.clock.now += REFUSED_SECONDS
        assert await admitting.admit(key("T2", "E1"))
        assert {each.key for each in await store.installations()} == {
            key("", "E1"),
            key("T1", "E1"),
            key("T2", "E1"),
        }


async def test_one_that_is_added_after_a_refusal(server: OAuthServer, store: RecordStore) -> None:
    """What is asked there at once is answered; Slack is believed when it is asked, not before."""
    whole = server.install(App("", "E1", is_for_organisation=True))
    async with replica(server, store) as here:
        await here.save(whole)
        admitting = admission(here)
        assert not await admitting.admit(key("T1", "E1"))
        await admitting.on_added(key("T1", "E1"))  # late: it has lost the app since
        assert not await admitting.admit(key("T1", "E1"))
        whole.teams.append("T1")
        await admitting.on_added(key("T1", "E1"))
        assert await admitting.admit(key("T1", "E1"))


async def test_slack_does_not_say(server: OAuthServer, store: RecordStore) -> None:
    """Nobody is let in, and what arrived is not acknowledged."""
    whole = server.install(App("", "E1", is_for_organisation=True, teams=["T1"]))
    async with replica(server, store) as here:
        await here.save(whole)
        server.answers["auth.teams.list"] = [web.Response(status=503)]
        with pytest.raises(SlackError):
            await admission(here).admit(key("T1", "E1"))
        assert await admission(here).admit(key("T1", "E1"))

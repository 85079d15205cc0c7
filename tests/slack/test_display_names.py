"""Names are asked of Slack seldom, and never waited for long."""

from slackbot.playground.fake_slack.faults import Fault, FaultAnswer
from slackbot.slack.client import web_client
from slackbot.slack.display_names import DisplayNames
from tests.harness import BotHarness


async def test_a_name_is_asked_once(harness: BotHarness) -> None:
    """Two who ask at the same time share the call, and later ones need none."""
    async with web_client(harness.workspace.url, harness.workspace.bot_token) as client:
        people = DisplayNames(client)
        assert await people.display_name(harness.ana.id) == "Ana"
        assert await people.display_name(harness.ana.id) == "Ana"
        await people.close()
    assert len(harness.workspace.calls) == 1


async def test_what_slack_does_not_tell_is_asked_again(harness: BotHarness) -> None:
    """A failure is no name, and is not remembered."""
    harness.workspace.faults.add("users.info", Fault.status(503))
    async with web_client(harness.workspace.url, harness.workspace.bot_token) as client:
        people = DisplayNames(client)
        assert await people.display_name(harness.ana.id) is None
        assert await people.display_name(harness.ana.id) == "Ana"
        await people.close()


async def test_a_person_without_a_profile(harness: BotHarness) -> None:
    """Where the profile is empty the account's name serves."""
    body = {"ok": True, "user": {"id": "U1", "name": "zoe", "profile": None}}
    harness.workspace.faults.add("users.info", Fault("answer", FaultAnswer(200, body, {})))
    async with web_client(harness.workspace.url, harness.workspace.bot_token) as client:
        people = DisplayNames(client)
        assert await people.display_name("U1") == "zoe"
        await people.close()

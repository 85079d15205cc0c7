"""The client of Slack's Web API."""

import pytest

from slackbot.errors import UnreachableError
from slackbot.playground.fake_slack.faults import Fault
from slackbot.slack.api_calls import call
from slackbot.slack.client import web_client
from tests.harness import BotHarness


async def test_a_call_is_never_repeated_by_the_client(harness: BotHarness) -> None:
    """A connection that is reset may have had its effect: only the caller knows what to do."""
    harness.workspace.faults.add("auth.test", Fault.reset_before())
    async with web_client(harness.workspace.url, harness.workspace.bot_token) as client:
        with pytest.raises(UnreachableError):
            await call("auth.test", client.auth_test())
    assert [each.method for each in harness.workspace.calls] == ["auth.test"]


async def test_the_session_ends_with_the_block(harness: BotHarness) -> None:
    """Calls share one session, which is closed at the end."""
    async with web_client(harness.workspace.url, harness.workspace.bot_token) as client:
        session = client.session
        assert session is not None
        await client.auth_test()
        assert client.session is session
    assert session.closed

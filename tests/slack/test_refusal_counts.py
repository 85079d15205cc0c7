"""The count of what Slack refuses, and its lines in the log."""

import logging

import pytest

from slackbot.errors import DeliveryError, RateLimitedError, UnknownRefusalError
from slackbot.playground.fake_slack.faults import Fault
from slackbot.slack.api_calls import call
from slackbot.slack.client import WebClient, web_client
from slackbot.slack.refusal_counts import LOG_INTERVAL_SECONDS, RefusalCounts
from tests.harness import BotHarness


def test_a_code_that_comes_again_has_a_line_in_a_while(caplog: pytest.LogCaptureFixture) -> None:
    """Each code of each method has its own; a line says how often the code has come."""
    now = 0.0
    counts = RefusalCounts(lambda: now)
    for second in range(int(2 * LOG_INTERVAL_SECONDS)):
        now = float(second)
        counts.note("chat.update", "team_added_to_org", passing=True)
    counts.note("chat.update", "fatal_error", passing=True)
    assert [each.getMessage() for each in caplog.records] == [
        "chat.update failed: team_added_to_org (1 times so far)",
        "chat.update failed: team_added_to_org (301 times so far)",
        "chat.update failed: fatal_error (1 times so far)",
    ]
    assert {each.levelno for each in caplog.records} == {logging.WARNING}
    assert counts.counts["chat.update", "team_added_to_org"] == 600


async def test_every_refusal_is_counted(
    harness: BotHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """By method and code; who called logs a final one."""
    for fault in (Fault.error("some_new_error"), Fault.rate_limited(1)):
        harness.workspace.faults.add("auth.test", fault)
    async with web_client(harness.workspace.url, harness.workspace.bot_token) as client:
        assert isinstance(client, WebClient)
        with pytest.raises(UnknownRefusalError):
            await call("auth.test", client.auth_test())
        with pytest.raises(RateLimitedError):
            await call("auth.test", client.auth_test())
        with pytest.raises(DeliveryError):
            await call("users.info", client.users_info(user="U404"))
        assert client.refusals.counts == {
            ("auth.test", "some_new_error"): 1,
            ("auth.test", "ratelimited"): 1,
            ("users.info", "user_not_found"): 1,
        }
    (line,) = [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]
    assert line == "auth.test failed: some_new_error (1 times so far)"

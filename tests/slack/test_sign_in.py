"""What Slack is asked at the start; `tests/test_startup.py` has the whole start."""

import logging
from urllib.parse import urlsplit

import pytest

from slackbot import config
from slackbot.errors import ConfigError
from slackbot.playground.fake_slack.faults import Fault
from slackbot.slack import texts
from slackbot.slack.sign_in import signing_in
from tests.harness import BotHarness


@pytest.mark.parametrize("over_http", [False, True])
async def test_what_is_asked(harness: BotHarness, *, over_http: bool) -> None:
    """Slack says who the bot is and, unless events come over HTTP, where to connect."""
    changes = {"SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": "secret", "PORT": "8080"}
    settings = config.parse(harness.environment | (changes if over_http else {}))
    async with signing_in(settings.slack) as sign_in:
        assert (await sign_in.identity).user == harness.bot.id
        assert (await sign_in.socket_address is None) is over_http
    methods = {call.method for call in harness.workspace.calls}
    assert ("apps.connections.open" in methods) is not over_http


HOST = "127.0.0.1"
FAULTS = [
    (Fault.foreign(503, b"no healthy upstream", "text/plain"), texts.API_FOREIGN),
    (Fault.foreign(200, b"<html></html>", "text/html"), texts.API_FOREIGN),
    (Fault.foreign(200, b"", "text/plain"), texts.API_FOREIGN),
    (Fault.foreign(200, b"[]", "application/json"), texts.API_FOREIGN),
    (Fault.foreign(200, b'{"ok": tr', "application/json"), texts.API_FOREIGN),
    (Fault.foreign(200, b'{"ok": true}', "application/json"), texts.API_FOREIGN),
    (Fault.foreign(407, b"", "text/html"), texts.API_FOREIGN),
    (Fault.foreign(429, b"", "text/plain", {"Retry-After": "1"}), texts.LIMITED_AT_START),
    (Fault.status(500), texts.API_FAILING),
    (Fault.error("team_added_to_org"), texts.API_FAILING),
    (Fault.error("an_error_that_is_in_no_list"), texts.API_FAILING),
    (Fault.reset_before(), texts.API_UNREACHABLE),
]


def beginning(text: str) -> str:
    """What a sentence says, up to the first thing that is filled in, and the host."""
    return f"SLACK_API_URL {text.partition('{host}')[0]}{HOST}"


@pytest.mark.parametrize("method", ["auth.test", "apps.connections.open"])
@pytest.mark.parametrize(("fault", "text"), FAULTS)
async def test_a_failure_that_passes(
    harness: BotHarness, caplog: pytest.LogCaptureFixture, method: str, fault: Fault, text: str
) -> None:
    """The bot says in one sentence what it sees, waits, and asks again. No traceback is logged."""
    harness.workspace.faults.add(method, fault, times=2)
    assert urlsplit(harness.workspace.url).hostname == HOST
    async with signing_in(config.parse(harness.environment).slack) as sign_in:
        assert (await sign_in.identity).user == harness.bot.id
        assert await sign_in.socket_address
    said = [each for each in caplog.records if each.name.endswith("sign_in")]
    assert [each.levelno for each in said] == [logging.WARNING] * 2
    assert all(each.getMessage().startswith(beginning(text)) for each in said)
    assert not any(each.exc_info for each in caplog.records)


async def test_a_socket_is_asked_for_once_while_slack_fails(harness: BotHarness) -> None:
    """Slack takes one such call a minute: the next one follows once Slack works again."""
    harness.workspace.faults.add("a*", Fault.status(503), times=4)
    async with signing_in(config.parse(harness.environment).slack) as sign_in:
        assert await sign_in.socket_address
    methods = [call.method for call in harness.workspace.calls]
    assert methods.count("apps.connections.open") == 2
    assert methods.count("auth.test") == 4


@pytest.mark.parametrize(("fault", "text"), FAULTS)
async def test_one_attempt(harness: BotHarness, fault: Fault, text: str) -> None:
    """Where nobody wants to wait, the same sentence is the error."""
    harness.workspace.faults.add("auth.test", fault)
    settings = config.parse(harness.environment).slack
    async with signing_in(settings, max_attempts=1) as sign_in:
        with pytest.raises(ConfigError) as raised:
            await sign_in.identity
    assert raised.value.user_message.startswith(beginning(text))
    assert len([each for each in harness.workspace.calls if each.method == "auth.test"]) == 1

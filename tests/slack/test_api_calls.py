"""Calls to Slack: what a failure means, and what is worth another try."""

from collections.abc import AsyncIterator
from functools import partial

import pytest
import trustme
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.conversation import turn_reads
from slackbot.conversation.turn_reads import Allowance
from slackbot.errors import (
    DeliveryError,
    RateLimitedError,
    ReadLimitError,
    RevokedError,
    UnknownRefusalError,
    UnreachableError,
)
from slackbot.network import Network, Proxies, Proxy
from slackbot.playground.fake_slack.faults import Fault, FaultAnswer
from slackbot.slack.api_calls import ask, call, passing
from slackbot.slack.client import web_client
from tests.harness import BotHarness
from tests.proxy_server import ProxyServer


@pytest.fixture
async def client(harness: BotHarness) -> AsyncIterator[AsyncWebClient]:
    async with web_client(harness.workspace.url, harness.workspace.bot_token) as client:
        yield client


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.rate_limited(), RateLimitedError),
        (Fault.status(500), UnreachableError),
        (Fault.error("fatal_error"), UnreachableError),
        (Fault.reset_before(), UnreachableError),
        (Fault.error("token_revoked"), RevokedError),
        (Fault.error("team_added_to_org"), UnreachableError),
        (Fault.error("rate_limited"), RateLimitedError),
        (Fault.error("missing_scope"), DeliveryError),
        (Fault.error("some_new_error"), UnknownRefusalError),
        (Fault("answer", FaultAnswer(200, {"ok": False}, {})), UnknownRefusalError),
        (Fault("answer", FaultAnswer(403, {"ok": False, "error": "new"}, {})), UnknownRefusalError),
    ],
)
async def test_failures(
    harness: BotHarness, client: AsyncWebClient, fault: Fault, error: type[Exception]
) -> None:
    """Each failure becomes the error that says what to do about it."""
    harness.workspace.faults.add("auth.test", fault)
    with pytest.raises(error) as raised:
        await call("auth.test", client.auth_test())
    assert raised.type is error


@pytest.mark.parametrize("status", [407, 502])
async def test_a_proxy_that_refuses(authority: trustme.CA, status: int) -> None:
    """What it did not let through never got to Slack, so nothing has to be looked for there."""
    async with ProxyServer({}, authority) as proxy:
        proxy.refusals["slack.test"] = status
        network = Network(Proxies(https=Proxy(f"http://{proxy.address}")))
        async with web_client("https://slack.test/api/", "xoxb-1", network) as client:
            with pytest.raises(UnreachableError) as raised:
                await call("chat.postMessage", client.chat_postMessage(channel="C1", text="Hi"))
    assert not raised.value.sent


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"Retry-After": "7"}, 7.0), ({"Retry-After": "0"}, 1.0), ({}, 30.0)],
)
async def test_how_long_slack_asks_to_wait(
    harness: BotHarness, client: AsyncWebClient, headers: dict[str, str], seconds: float
) -> None:
    """As long as it says, but at least a second; half a minute if it does not say."""
    answer = FaultAnswer(429, {"ok": False, "error": "ratelimited"}, headers)
    harness.workspace.faults.add("auth.test", Fault("answer", answer))
    with pytest.raises(RateLimitedError) as raised:
        await call("auth.test", client.auth_test())
    assert passing(raised.value) == seconds


async def test_a_question_is_asked_again(harness: BotHarness, client: AsyncWebClient) -> None:
    """A failure that passes is followed by another try, up to four in all."""
    harness.workspace.faults.add("auth.test", Fault.status(503), times=5)
    with pytest.raises(UnreachableError):
        await ask("auth.test", client.auth_test)
    assert harness.workspace.faults.pending == 1
    assert (await ask("auth.test", client.auth_test))["user"]


async def test_a_refusal_is_final(harness: BotHarness, client: AsyncWebClient) -> None:
    """What Slack refuses it would refuse again."""
    with pytest.raises(DeliveryError):
        await ask("users.info", partial(client.users_info, user="U404"))
    assert len(harness.workspace.calls) == 1


async def test_an_unknown_refusal_is_asked_again(
    harness: BotHarness, client: AsyncWebClient
) -> None:
    """Up to four times in all, like an outage: no call goes on for ever."""
    harness.workspace.faults.add("users.info", Fault.error("some_new_error"), times=9)
    with pytest.raises(UnknownRefusalError) as raised:
        await ask("users.info", partial(client.users_info, user=harness.ana.id))
    assert (raised.value.method, raised.value.code) == ("users.info", "some_new_error")
    assert len(harness.workspace.calls) == 4


async def test_calls_that_a_turn_may_make(harness: BotHarness, client: AsyncWebClient) -> None:
    """Each attempt counts, and none is made past the last one."""
    harness.workspace.faults.add("conversations.info", Fault.status(503))
    look = partial(client.conversations_info, channel=harness.general.id)
    with turn_reads.counting(Allowance(3)):
        for _ in range(2):
            await ask("conversations.info", look)
        with pytest.raises(ReadLimitError):
            await ask("conversations.info", look)
    assert len(harness.workspace.calls) == 3

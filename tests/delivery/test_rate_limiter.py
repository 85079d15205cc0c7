"""The call scheduler's decisions, awaited on a real clock."""

import asyncio

import pytest

from slackbot.conversation.ids import ChannelId
from slackbot.delivery.call_scheduler import ActiveReply, CallRequest, Priority
from slackbot.delivery.rate_limiter import RateLimiter


def call_request(
    active_reply: ActiveReply, priority: Priority = Priority.ENDING, channel: str = "C1"
) -> CallRequest:
    now = asyncio.get_running_loop().time()
    return CallRequest(active_reply, "chat.postMessage", ChannelId(channel), priority, now)


async def test_admits_at_once_while_there_is_room() -> None:
    """A request that may be granted is granted at once, without a timer."""
    rate_limiter = RateLimiter()
    async with asyncio.timeout(1.0):
        await rate_limiter.admit(call_request(rate_limiter.begin_reply("edit")))


async def test_admits_later_what_has_to_wait() -> None:
    """After a 429 a request is granted when Retry-After has passed, and not before."""
    rate_limiter = RateLimiter()
    refused = call_request(rate_limiter.begin_reply("edit"))
    await rate_limiter.admit(refused)
    rate_limiter.refuse("chat.postMessage", ChannelId("C1"), 0.1)
    before = asyncio.get_running_loop().time()
    await rate_limiter.admit(call_request(rate_limiter.begin_reply("edit")))
    assert asyncio.get_running_loop().time() - before >= 0.1


async def test_a_withdrawn_request_delays_nobody() -> None:
    """The request of a reply that was given up is withdrawn, and the next one is granted."""
    rate_limiter = RateLimiter()
    refused = call_request(rate_limiter.begin_reply("edit"))
    await rate_limiter.admit(refused)
    rate_limiter.refuse("chat.postMessage", ChannelId("C1"), 0.1)
    given_up = asyncio.create_task(
        rate_limiter.admit(call_request(rate_limiter.begin_reply("edit")))
    )
    waiting = asyncio.create_task(
        rate_limiter.admit(call_request(rate_limiter.begin_reply("edit")))
    )
    await asyncio.sleep(0)
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    await asyncio.wait_for(waiting, 1.0)


async def test_an_ending_is_promoted() -> None:
    """A waiting interim request is granted at once when its reply has ended."""
    rate_limiter = RateLimiter()
    active_reply = rate_limiter.begin_reply("edit")
    interim = CallRequest(
        active_reply,
        "chat.update",
        ChannelId("C1"),
        Priority.INTERIM,
        call_request(active_reply).since + 60.0,
    )
    waiting = asyncio.create_task(rate_limiter.admit(interim))
    await asyncio.sleep(0)
    assert not waiting.done()
    rate_limiter.promote(interim, "chat.update")
    await asyncio.wait_for(waiting, 1.0)

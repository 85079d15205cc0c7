"""The call scheduler's decisions, awaited."""

import asyncio
import time

import pytest

from benchmarks.virtual_clock import run
from slackbot.conversation.ids import ChannelId
from slackbot.delivery.call_request import ActiveReply, CallRequest, Priority
from slackbot.delivery.rate_budget import WINDOW_SECONDS
from slackbot.delivery.rate_limiter import RateLimiter
from slackbot.delivery.streaming_mode import EDITS
from slackbot.errors import RateLimitedError
from slackbot.expiring_set import REMEMBERED_SECONDS


def call_request(
    reply: ActiveReply, priority: Priority = Priority.ENDING, channel: str = "C1"
) -> CallRequest:
    return CallRequest(reply, "chat.postMessage", ChannelId(channel), priority)


async def call(rate_limiter: RateLimiter, request: CallRequest) -> None:
    """Makes a call, which succeeds."""
    async with rate_limiter.admitted(request):
        pass


def posts_remembered(rate_limiter: RateLimiter) -> int:
    return len(rate_limiter.memory(final=True).methods["chat.postMessage"].leave)


async def refused(rate_limiter: RateLimiter, retry_after: float) -> None:
    """Makes a call, which Slack refuses."""
    with pytest.raises(RateLimitedError):
        async with rate_limiter.admitted(call_request(rate_limiter.begin_reply(EDITS))):
            raise RateLimitedError("chat.postMessage", retry_after)


def test_admits_at_once_while_there_is_room() -> None:
    """A request that may be granted is granted at once, without a timer."""

    async def work() -> None:
        rate_limiter = RateLimiter(EDITS)
        async with asyncio.timeout(1.0):
            await call(rate_limiter, call_request(rate_limiter.begin_reply(EDITS)))

    run(work())


def test_a_refusal_of_another_method_closes_nothing() -> None:
    """Before a post is repeated, the message is looked for: where Slack refuses to search, posts go
    on.
    """

    async def work() -> None:
        rate_limiter = RateLimiter(EDITS)
        with pytest.raises(RateLimitedError):
            async with rate_limiter.admitted(call_request(rate_limiter.begin_reply(EDITS))):
                raise RateLimitedError("conversations.replies", 60.0)
        async with asyncio.timeout(1.0):
            await call(rate_limiter, call_request(rate_limiter.begin_reply(EDITS)))

    run(work())


def test_admits_later_what_has_to_wait() -> None:
    """After a 429 a request is granted when Retry-After has passed, and not before."""

    async def work() -> None:
        rate_limiter = RateLimiter(EDITS)
        await refused(rate_limiter, 0.1)
        before = asyncio.get_running_loop().time()
        await call(rate_limiter, call_request(rate_limiter.begin_reply(EDITS)))
        assert asyncio.get_running_loop().time() - before >= 0.1

    run(work())


def test_a_withdrawn_request_delays_nobody() -> None:
    """The request of a reply that was given up is withdrawn, and the next one is granted."""

    async def work() -> None:
        rate_limiter = RateLimiter(EDITS)
        await refused(rate_limiter, 0.1)
        given_up, waiting = (
            asyncio.create_task(call(rate_limiter, call_request(rate_limiter.begin_reply(EDITS))))
            for _ in range(2)
        )
        await asyncio.sleep(0)
        given_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await given_up
        assert posts_remembered(rate_limiter) == 0
        await asyncio.wait_for(waiting, 1.0)
        assert posts_remembered(rate_limiter) == 1

    run(work())


async def waiting_interim(rate_limiter: RateLimiter) -> tuple[CallRequest, asyncio.Task[None]]:
    """An interim request, and the task in which it waits: its reply has just been posted."""
    reply = rate_limiter.begin_reply(EDITS)
    await call(rate_limiter, call_request(reply, Priority.FIRST))
    interim = CallRequest(reply, "chat.update", ChannelId("C1"), Priority.INTERIM)
    waiting = asyncio.create_task(call(rate_limiter, interim))
    await asyncio.sleep(0)
    return interim, waiting


def test_a_request_that_is_given_up_as_it_is_granted() -> None:
    """Its call counts from then on, as if it had been made, and for no longer than a window."""

    async def work() -> float:
        rate_limiter = RateLimiter(EDITS)
        interim, waiting = await waiting_interim(rate_limiter)
        rate_limiter.promote(interim, "chat.update", Priority.ENDING)
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await asyncio.sleep(30.0)
        (leave,) = rate_limiter.memory(final=True).methods["chat.update"].leave
        return leave

    assert run(work()) == pytest.approx(time.time() + WINDOW_SECONDS - 30.0, abs=5.0)


async def test_the_memory_is_by_the_clock_on_the_wall() -> None:
    """Another process, whose loop began at another time, reads the same."""
    rate_limiter = RateLimiter(EDITS)
    await call(rate_limiter, call_request(rate_limiter.begin_reply(EDITS)))
    (leave,) = rate_limiter.memory(final=True).methods["chat.postMessage"].leave
    assert leave == pytest.approx(time.time() + WINDOW_SECONDS, abs=50.0)


async def test_a_visible_reply_owes_its_ending() -> None:
    """A reply that nobody sees yet owes nothing."""
    rate_limiter = RateLimiter(EDITS)
    assert not rate_limiter.begin_reply(EDITS).owes_ending
    assert rate_limiter.begin_reply(EDITS, visible=True).owes_ending


async def test_the_most_urgent_of_those_that_change_together() -> None:
    """What changes at the same moment is decided together, with one plan: an ending goes before an
    approval that was promoted first.
    """
    rate_limiter = RateLimiter(EDITS)
    granted: list[Priority] = []

    async def ask(request: CallRequest) -> None:
        await call(rate_limiter, request)
        granted.append(request.priority)

    requests = []
    for _ in range(2):
        reply = rate_limiter.begin_reply(EDITS)
        await call(rate_limiter, call_request(reply, Priority.FIRST))
        requests.append(CallRequest(reply, "chat.update", ChannelId("C1"), Priority.INTERIM))
    asking = [asyncio.create_task(ask(each)) for each in requests]
    await asyncio.sleep(0)
    for request, priority in zip(requests, (Priority.APPROVAL, Priority.ENDING), strict=True):
        rate_limiter.promote(request, "chat.update", priority)
    await asyncio.gather(*asking)
    assert granted == [Priority.ENDING, Priority.APPROVAL]


def test_an_ending_is_promoted() -> None:
    """A waiting interim request is granted at once when its reply has ended."""

    async def work() -> None:
        rate_limiter = RateLimiter(EDITS)
        interim, waiting = await waiting_interim(rate_limiter)
        assert not waiting.done()
        rate_limiter.promote(interim, "chat.update", Priority.ENDING)
        await asyncio.wait_for(waiting, 0.1)

    run(work())


async def test_a_call_that_fails_counts() -> None:
    """Slack may have counted a call whose answer was lost."""
    rate_limiter = RateLimiter(EDITS)
    with pytest.raises(TimeoutError):
        async with rate_limiter.admitted(call_request(rate_limiter.begin_reply(EDITS))):
            raise TimeoutError
    assert posts_remembered(rate_limiter) == 1


async def test_a_change_is_announced() -> None:
    """A call that is granted changes what is to be kept, and so does a refusal."""
    rate_limiter, changes = RateLimiter(EDITS), []
    rate_limiter.on_change = lambda: changes.append(1)
    await call(rate_limiter, call_request(rate_limiter.begin_reply(EDITS)))
    assert len(changes) == 1
    await refused(rate_limiter, 0.1)
    assert len(changes) == 3


def test_another_process_goes_on() -> None:
    """It knows which calls were made, and how long replies take to write."""

    async def work() -> None:
        earlier, later = RateLimiter(EDITS), RateLimiter(EDITS)
        reply = earlier.begin_reply(EDITS)
        await call(earlier, call_request(reply, Priority.FIRST))
        await asyncio.sleep(7.0)
        earlier.finish_model(reply)
        earlier.end_reply(reply)
        memory = earlier.memory(final=True)
        assert memory.lengths == (7.0,)
        later.recall(memory)
        assert posts_remembered(later) == 1
        assert later.memory(final=True).lengths == (7.0,)

    run(work())


def test_a_reply_that_ends_makes_room() -> None:
    """What was kept for its ending goes to a reply that waits for it."""

    async def work() -> None:
        rate_limiter = RateLimiter(EDITS)
        replies = [rate_limiter.begin_reply(EDITS, visible=True) for _ in range(50)]
        buttons = CallRequest(replies[0], "chat.update", ChannelId("C1"), Priority.APPROVAL)
        await call(rate_limiter, buttons)
        again = asyncio.create_task(call(rate_limiter, buttons))
        await asyncio.sleep(1.0)
        assert not again.done()
        rate_limiter.end_reply(replies[1])
        await asyncio.sleep(1.0)
        assert again.done()

    run(work())


def test_streams_that_slack_refuses() -> None:
    """A channel that takes none is not asked again for a while; others are."""

    async def work() -> None:
        rate_limiter = RateLimiter(EDITS)
        rate_limiter.refuse_stream(ChannelId("C1"), "some_new_error")
        assert not rate_limiter.allows_stream(ChannelId("C1"))
        assert rate_limiter.allows_stream(ChannelId("C2"))
        await asyncio.sleep(REMEMBERED_SECONDS - 1.0)
        assert not rate_limiter.allows_stream(ChannelId("C1"))
        await asyncio.sleep(1.0)
        assert rate_limiter.allows_stream(ChannelId("C1"))

    run(work())


async def test_a_feature_that_the_app_may_not_use() -> None:
    """Slack says so of the whole workspace."""
    rate_limiter = RateLimiter(EDITS)
    rate_limiter.refuse_stream(ChannelId("C1"), "missing_scope")
    assert not rate_limiter.allows_stream(ChannelId("C2"))

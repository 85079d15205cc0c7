"""The budgets of the methods that grow no reply, on a virtual clock and over the wire."""

import asyncio
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.virtual_clock import run
from slackbot.errors import RateLimitedError
from slackbot.playground.fake_slack.faults import Fault, FaultAnswer
from slackbot.playground.fake_slack.rate_limits import RateLimits, SlidingWindow
from slackbot.slack.api_calls import ask, call
from slackbot.slack.client import web_client
from slackbot.slack.method_budgets import CALLS_PER_MINUTE, PACED_ELSEWHERE, MethodBudgets
from slackbot.slack.refusals import RATE_LIMIT_CODES
from tests.harness import BotHarness

METHOD = "conversations.replies"


async def make_call(budgets: MethodBudgets, method: str, seconds: float = 0.0) -> float:
    """Makes a call that takes so many seconds; returns when it began."""
    await budgets.admit(method)
    began = asyncio.get_running_loop().time()
    await asyncio.sleep(seconds)
    budgets.end(method)
    return began


arrivals = st.floats(0.0, 90.0).map(lambda at: round(at, 2))


@given(
    st.lists(st.tuples(arrivals, st.floats(0.0, 5.0)), max_size=40, unique_by=lambda each: each[0])
)
def test_calls_keep_to_the_limit_in_their_order(calls: list[tuple[float, float]]) -> None:
    """Slack never counts more calls a minute than it takes, and calls go in order of arrival."""
    calls.sort()

    async def later(budgets: MethodBudgets, arrival: float, seconds: float) -> float:
        await asyncio.sleep(arrival)
        return await make_call(budgets, METHOD, seconds)

    async def play() -> list[float]:
        budgets = MethodBudgets({METHOD: 7})
        return await asyncio.gather(*(later(budgets, *each) for each in calls))

    began = run(play())
    assert began == sorted(began)
    window = SlidingWindow(7, 60.0)
    for at in began:
        assert window.opens(at) == at
        window.add(at)


def test_a_refusal_closes_the_method_for_all_and_no_other() -> None:
    """After one 429 nobody else finds out by a refusal of their own; another method goes on."""

    async def play() -> tuple[list[float], float]:
        budgets = MethodBudgets()
        await budgets.admit(METHOD)
        budgets.refuse(METHOD, 40.0)
        waiting = asyncio.gather(*(make_call(budgets, METHOD) for _ in range(3)))
        other = await make_call(budgets, "users.info")
        return await waiting, other

    assert run(play()) == ([40.0, 40.0, 40.0], 0.0)


def test_a_refusal_holds_those_who_wait_already() -> None:
    """A call in line is not made before Retry-After has passed, whenever the 429 arrives."""

    async def play() -> float:
        budgets = MethodBudgets({METHOD: 2})
        await budgets.admit(METHOD)
        await make_call(budgets, METHOD)
        waiting = asyncio.create_task(make_call(budgets, METHOD))
        await asyncio.sleep(50.0)
        budgets.refuse(METHOD, 100.0)
        return await waiting

    assert run(play()) == 150.0


def test_a_decoration_is_dropped_at_once_where_it_would_wait() -> None:
    """It takes no place in line, and says how long the method stays closed."""

    async def play() -> tuple[float, float]:
        budgets = MethodBudgets()
        await budgets.admit(METHOD)
        budgets.refuse(METHOD, 40.0)
        with pytest.raises(RateLimitedError) as dropped:
            await budgets.admit(METHOD, 1.0)
        return dropped.value.retry_after, asyncio.get_running_loop().time()

    assert run(play()) == (40.0, 0.0)


def test_a_decoration_waits_in_line_no_longer_than_it_may() -> None:
    """The line before it counts, too; those behind it move up."""

    async def play() -> tuple[float, float, float]:
        budgets = MethodBudgets({METHOD: 1})
        await budgets.admit(METHOD)
        budgets.refuse(METHOD, 2.0)
        first = asyncio.create_task(make_call(budgets, METHOD))
        await asyncio.sleep(0)
        with pytest.raises(RateLimitedError):
            await budgets.admit(METHOD, 3.0)
        dropped_at = asyncio.get_running_loop().time()
        return await first, dropped_at, await make_call(budgets, METHOD)

    first, dropped_at, last = run(play())
    assert (first, dropped_at) == (2.0, 3.0)
    assert 62.0 <= last <= 62.5


def test_calls_of_replies_have_one_budget() -> None:
    """What the call scheduler and AgentSessions count is not counted here again."""
    assert PACED_ELSEWHERE.isdisjoint(CALLS_PER_MINUTE)

    async def play() -> list[float]:
        budgets = MethodBudgets()
        return await asyncio.gather(
            *(make_call(budgets, method) for method in PACED_ELSEWHERE for _ in range(200))
        )

    assert set(run(play())) == {0.0}


@pytest.mark.parametrize("method", CALLS_PER_MINUTE)
def test_no_budget_is_larger_than_slacks_limit(method: str) -> None:
    """The local Slack, which knows the documented limits, refuses nothing that a budget admits."""
    limit = RateLimits().per_minute(method)
    assert limit is not None
    assert CALLS_PER_MINUTE[method] <= limit


@pytest.mark.parametrize("code", sorted(RATE_LIMIT_CODES))
async def test_a_limit_that_slack_tells_with_http_200(harness: BotHarness, code: str) -> None:
    """It closes its method for Retry-After like a 429, and the call succeeds after that."""
    limited = FaultAnswer(200, {"ok": False, "error": code}, {"Retry-After": "1"})
    harness.workspace.faults.add("users.info", Fault("answer", limited))
    async with web_client(harness.workspace.url, harness.workspace.bot_token) as client:
        request = partial(client.users_info, user=harness.ana.id)
        with pytest.raises(RateLimitedError) as refused:
            await call("users.info", request())
        with pytest.raises(RateLimitedError):
            await call("users.info", request(), max_wait=0.1)
        assert refused.value.retry_after == 1.0
        assert (await ask("users.info", request))["user"]["id"] == harness.ana.id
    first, second = harness.workspace.calls
    assert second.started - first.ended >= 1.0

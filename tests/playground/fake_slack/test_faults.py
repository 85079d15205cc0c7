import asyncio
from collections import Counter
from random import Random
from typing import get_args

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_slack.faults import Fault, Faults, RandomFault
from slackbot.playground.fake_slack.members import Channel
from slackbot.playground.fake_slack.workspace import Workspace

KINDS: tuple[RandomFault, ...] = get_args(RandomFault)


def seeded(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - it is to be foreseen


async def outcome(api: AsyncWebClient, channel: Channel) -> str:
    """How a post ended: the error's name, or a status without one."""
    try:
        await api.chat_postMessage(channel=channel.id, text="a")
    except SlackApiError as refused:
        status = refused.response.status_code
        wait = refused.response.headers.get("Retry-After", "")
        return f"{status} {refused.response['error']} {wait}".strip()
    except aiohttp.ClientConnectionError:
        return "reset"
    return "ok"


@pytest.mark.parametrize(
    ("kind", "ending"),
    [
        ("rate_limited", ("429 ratelimited 1", 0)),
        ("500", ("500 internal_error", 0)),
        ("503", ("503 internal_error", 0)),
        ("fatal_error", ("200 fatal_error", 0)),
        ("reset_before", ("reset", 0)),
        ("reset_after", ("reset", 1)),
    ],
)
async def test_kinds_of_weather(
    workspace: Workspace,
    api: AsyncWebClient,
    channel: Channel,
    kind: RandomFault,
    ending: tuple[str, int],
) -> None:
    """Each kind of weather is a failure of its own, with or without the call's effect."""
    workspace.faults.fail_randomly(seeded(1), {kind: 1.0})
    assert (await outcome(api, channel), len(workspace.messages)) == ending
    workspace.faults.clear()
    assert await outcome(api, channel) == "ok"


async def test_hanging_in_the_weather(
    workspace: Workspace, api: AsyncWebClient, channel: Channel
) -> None:
    """A call that hangs in the weather has its effect at once and is answered soon after."""
    workspace.faults.fail_randomly(seeded(1), {"hang": 1.0})
    async with asyncio.TaskGroup() as calls:
        hanging = calls.create_task(outcome(api, channel))
        await workspace.until(lambda: workspace.messages)
        assert not hanging.done()
    assert hanging.result() == "ok"
    (call,) = workspace.calls
    assert 0 < call.ended - call.started < 1


async def test_the_same_weather_again(
    workspace: Workspace, api: AsyncWebClient, channel: Channel
) -> None:
    """The same seed makes the same calls fail in the same way; most of them do not."""
    kinds: dict[RandomFault, float] = {"500": 0.1, "fatal_error": 0.1, "reset_after": 0.1}
    runs = []
    for _ in range(2):
        workspace.faults.fail_randomly(seeded(7), kinds)
        runs.append([await outcome(api, channel) for _ in range(60)])
    assert runs[0] == runs[1]
    counted = Counter(runs[0])
    assert set(counted) == {"ok", "500 internal_error", "200 fatal_error", "reset"}
    assert 30 < counted["ok"] < 54


def test_what_the_weather_befalls() -> None:
    """Only what a bot does all day is exposed, and what was ordered comes first."""
    faults = Faults()
    faults.fail_randomly(seeded(1), dict.fromkeys(KINDS, 1 / len(KINDS)))
    exposed = ["chat.update", "conversations.replies", "assistant.threads.setStatus", "users.info"]
    assert all(faults.take(method, {}) for method in exposed)
    assert not any(faults.take(method, {}) for method in ("auth.test", "apps.connections.open"))
    faults.add("chat.update", Fault.status(504))
    assert faults.pending == 1
    assert faults.take("chat.update", {}) == Fault.status(504)


def test_a_family_of_methods() -> None:
    """What is ordered for `chat.*` befalls the next call of any of these, and no other."""
    faults = Faults()
    faults.add("chat.*", Fault.status(500))
    assert faults.take("users.info", {}) is None
    assert faults.take("chat.update", {}) == Fault.status(500)
    assert faults.take("chat.update", {}) is None

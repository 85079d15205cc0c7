import asyncio
from collections import Counter
from random import Random
from typing import get_args

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_slack.faults import PASSING_REFUSALS, Fault, Faults, RandomFault
from slackbot.playground.fake_slack.members import Channel
from slackbot.playground.fake_slack.workspace import Workspace

KINDS: tuple[RandomFault, ...] = get_args(RandomFault)


def seeded(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - reproducible


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
async def test_random_faults(
    workspace: Workspace,
    api: AsyncWebClient,
    channel: Channel,
    kind: RandomFault,
    ending: tuple[str, int],
) -> None:
    """Each random fault fails in its own way, with or without the call's effect."""
    workspace.faults.fail_randomly(seeded(1), {kind: 1.0})
    assert (await outcome(api, channel), len(workspace.messages)) == ending
    workspace.faults.clear()
    assert await outcome(api, channel) == "ok"


async def test_hanging_at_random(
    workspace: Workspace, api: AsyncWebClient, channel: Channel
) -> None:
    """A call that hangs at random takes effect at once and is answered soon after."""
    workspace.faults.fail_randomly(seeded(1), {"hang": 1.0})
    async with asyncio.TaskGroup() as calls:
        hanging = calls.create_task(outcome(api, channel))
        await workspace.until(lambda: workspace.messages)
        assert not hanging.done()
    assert hanging.result() == "ok"
    (call,) = workspace.calls
    assert 0 < call.ended - call.started < 1


async def test_late_at_random(workspace: Workspace, api: AsyncWebClient, channel: Channel) -> None:
    """A call that is late at random fails, and takes effect soon after."""
    workspace.faults.fail_randomly(seeded(1), {"late": 1.0})
    assert await outcome(api, channel) in {"reset", "503 internal_error", "200 fatal_error"}
    await workspace.until(lambda: workspace.messages)


async def test_refused_at_random(
    workspace: Workspace, api: AsyncWebClient, channel: Channel
) -> None:
    """A refusal that passes has HTTP 200, perhaps no code, and no effect."""
    workspace.faults.fail_randomly(seeded(1), {"refused": 1.0})
    for _ in range(40):
        with pytest.raises(SlackApiError):
            await api.chat_postMessage(channel=channel.id, text="a")
    assert {call.status for call in workspace.calls} == {200}
    assert {call.error for call in workspace.calls} == {
        each.get("error", "") for each in PASSING_REFUSALS
    }
    assert not workspace.messages


async def test_an_outage(workspace: Workspace, api: AsyncWebClient, channel: Channel) -> None:
    """During an outage every call fails without effect, whatever was planned."""
    workspace.faults.add("chat.postMessage", Fault.hang())
    workspace.faults.outage = True
    assert await outcome(api, channel) == "reset"
    assert workspace.faults.pending == 1
    assert not workspace.messages
    workspace.faults.clear()
    assert await outcome(api, channel) == "ok"


async def test_the_same_faults_again(
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


def test_which_methods_fail_at_random() -> None:
    """Random faults hit only the bot's everyday methods, and planned faults come first."""
    faults = Faults()
    faults.fail_randomly(seeded(1), dict.fromkeys(KINDS, 1 / len(KINDS)))
    exposed = ["chat.update", "conversations.replies", "assistant.threads.setStatus", "users.info"]
    assert all(faults.take(method, {}) for method in exposed)
    assert not any(faults.take(method, {}) for method in ("auth.test", "apps.connections.open"))
    faults.add("chat.update", Fault.status(504))
    assert faults.pending == 1
    assert faults.take("chat.update", {}) == Fault.status(504)


def test_a_family_of_methods() -> None:
    """A fault planned for `chat.*` hits the next call of any such method, and no other."""
    faults = Faults()
    faults.add("chat.*", Fault.status(500))
    assert faults.take("users.info", {}) is None
    assert faults.take("chat.update", {}) == Fault.status(500)
    assert faults.take("chat.update", {}) is None


async def test_planned_faults(workspace: Workspace, api: AsyncWebClient) -> None:
    """A planned fault hits a number of calls of its method, and then calls succeed."""
    workspace.faults.add("auth.test", Fault.status(503), times=2)
    workspace.faults.add("auth.test", Fault.rate_limited(7))
    workspace.faults.add("auth.test", Fault.error("fatal_error"))
    seen = []
    for _ in range(4):
        with pytest.raises(SlackApiError) as failed:
            await api.auth_test()
        response = failed.value.response
        seen.append((response.status_code, response["error"], response.headers.get("Retry-After")))
    assert seen == [
        (503, "internal_error", None),
        (503, "internal_error", None),
        (429, "ratelimited", "7"),
        (200, "fatal_error", None),
    ]
    assert (await api.auth_test())["ok"]
    assert workspace.faults.pending == 0


async def test_a_fault_for_some_calls(workspace: Workspace, api: AsyncWebClient) -> None:
    """A fault can be planned for calls with certain arguments."""
    channel = workspace.add_channel("general")
    workspace.faults.add(
        "chat.postMessage", Fault.error("fatal_error"), when=lambda args: args["text"] == "b"
    )
    await api.chat_postMessage(channel=channel.id, text="a")
    with pytest.raises(SlackApiError, match="fatal_error"):
        await api.chat_postMessage(channel=channel.id, text="b")
    workspace.faults.add("chat.postMessage", Fault.error("fatal_error"))
    workspace.faults.clear()
    await api.chat_postMessage(channel=channel.id, text="b")

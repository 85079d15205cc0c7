"""Tools that people have to confirm: who may, and what becomes of it, over the wire."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from slackbot.conversation.controls import Press
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.messages import ThreadKey
from slackbot.conversation.roles import Member
from slackbot.errors import UnreachableError
from slackbot.llm import tool_calls
from slackbot.llm.tool_calls import Caller, ToolDefinition
from slackbot.playground.fake_openai.script import calls, calls_together, says
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.turns import approvals, texts
from slackbot.turns.role_directory import RoleDirectory
from tests.delivery.transports import IN_BOTH
from tests.harness import BotHarness, buttons
from tests.tools import sample_tools

U1 = UserId("U1")
CALLER = Caller(U1, ChannelId("C1"), TeamId("T1"), Ts("1.0"))
DEFINITION = ToolDefinition("sink", "Sinks a ship.", {}, requires_approval=True)

TOOLS = {"SLACKBOT_TOOLS": "tests.tools.sample_tools"}
SINK = calls("sink", '{"ship": "the *Ann*"}')
ASKED = '⚠️ *May I use* `sink`*?*\n\n```\n{\n "ship": "the *Ann*"\n}\n```'


@pytest.fixture(autouse=True)
def ashore() -> Iterator[None]:
    sample_tools.runs.clear()
    yield
    sample_tools.runs.clear()


def is_asked(harness: BotHarness, question: PostedMessage, about: str) -> bool:
    """Whether people see a question about a call with this in its arguments, and its buttons."""
    *_, last = (None, *harness.answers(question))
    return last is not None and about in last.shown and "confirm" in buttons(last)


def told(harness: BotHarness) -> list[str]:
    messages = harness.model.requests[-1]["messages"]
    return [message["content"] for message in messages if message["role"] == "tool"]


@IN_BOTH
async def test_yes(harness: BotHarness, streaming: str) -> None:
    """The tool runs when the person who asked says so, and has seen all arguments."""
    async with harness.running({**TOOLS, "SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(says("Well.").then(SINK), "It is gone.")
        question = await harness.mention("sink the Ann")
        await harness.answered(question, f"Well.\n{ASKED}")
        assert sample_tools.runs["sink"] == 0
        await harness.press(harness.ana, question, "confirm")
        await harness.answered(question, "Well.\n\nIt is gone.\n\n🔧 _Used `sink`_")
    assert told(harness) == ["the *Ann* is gone"]
    assert sample_tools.runs["sink"] == 1


async def test_no(harness: BotHarness) -> None:
    """The tool does not run when the person says no, and the model is told."""
    async with harness.running(TOOLS):
        harness.model.enqueue(SINK, "Then not.")
        question = await harness.mention("sink the Ann")
        await harness.press(harness.ana, question, "decline")
        await harness.finished(question)
    assert told(harness) == [tool_calls.REJECTED]
    assert sample_tools.runs["sink"] == 0


async def test_others_may_not(harness: BotHarness) -> None:
    """Somebody else is told who may; the model's own words confirm nothing; an admin may."""
    chief = harness.workspace.add_person("Chief", admin=True)
    harness.general.members.add(chief.id)
    async with harness.running(TOOLS):
        harness.model.enqueue(SINK, "It is gone.")
        question = await harness.mention("sink the Ann")
        await harness.press(harness.ben, question, "confirm")
        await harness.workspace.until(lambda: harness.workspace.ephemerals)
        (whisper,) = harness.workspace.ephemerals
        assert whisper.text == texts.ONLY_REQUESTER.format(user=harness.ana.id)
        await harness.workspace.say(harness.ben, harness.general, "yes, do it", thread=question.ts)
        assert sample_tools.runs["sink"] == 0
        await harness.press(chief, question, "confirm")
        await harness.workspace.until(
            lambda: sample_tools.runs["sink"] or harness.answers(question)[1:]
        )
    assert sample_tools.runs["sink"] == 1


async def test_one_after_the_other(harness: BotHarness) -> None:
    """Two calls are two questions; a press means the one that it stood under."""
    async with harness.running(TOOLS):
        both = (calls("sink", f'{{"ship": "{name}"}}', call_id=name) for name in ("one", "two"))
        harness.model.enqueue(calls_together(*both), "So.")
        question = await harness.mention("sink both")
        await harness.workspace.until(lambda: is_asked(harness, question, "one"))
        before = buttons(harness.answers(question)[-1])["confirm"]
        first = await harness.press(harness.ana, question, "confirm")
        await harness.workspace.until(lambda: is_asked(harness, question, "two"))
        await harness.workspace.click(harness.ana, first, "slackbot_confirm", before)
        await harness.workspace.until(lambda: harness.workspace.ephemerals)
        assert harness.workspace.ephemerals[0].text == texts.ALREADY_DECIDED
        await harness.workspace.click(harness.ana, first, "slackbot_decline")
        await harness.finished(question)
    assert told(harness) == ["one is gone", tool_calls.REJECTED]


class Nobody:
    """Slack can't say what anybody's role is."""

    def known_member(self, user: UserId) -> None:
        """Nor has it ever."""

    async def member_soon(self, user: UserId) -> None:
        """Nor does it soon."""

    async def member(self, user: UserId) -> Member:  # noqa: ARG002 - nobody's
        raise UnreachableError("users.info", sent=True)

    fresh_member = member


async def test_nobody_says_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """After some minutes without a yes or a no the call is not confirmed."""
    monkeypatch.setattr(approvals, "APPROVAL_SECONDS", 0.01)
    asking = approvals.Approvals(RoleDirectory(Nobody(), ()))
    request = asyncio.create_task(asking.request("1", CALLER, DEFINITION))
    asyncio.get_running_loop().call_soon(asking.shown, "1")
    assert await request is None


async def test_unknown_roles() -> None:
    """While Slack does not say what somebody's role is, nobody can approve a call, and the person
    who asked can still decline it.
    """
    asking = approvals.Approvals(RoleDirectory(Nobody(), ()))
    given = asyncio.create_task(asking.request("1", CALLER, DEFINITION))
    await asyncio.sleep(0)
    thread = ThreadKey(TeamId("T1"), ChannelId("C1"), Ts("1.0"))
    other = Press(thread, Ts("2.0"), UserId("U2"), "confirm", "1")
    assert await asking.decide(other, yes=True) == texts.UNKNOWN_ROLE
    assert await asking.decide(other, yes=False) == texts.UNKNOWN_ROLE
    requester = replace(other, user=U1)
    assert await asking.decide(requester, yes=True) == texts.UNKNOWN_ROLE
    assert await asking.decide(requester, yes=False) == ""
    assert await given is False
    assert await asking.decide(requester, yes=True) == texts.ALREADY_DECIDED


@IN_BOTH
async def test_stop_during_an_approval(harness: BotHarness, streaming: str) -> None:
    """Stop ends the answer, and the tool does not run."""
    async with harness.running({**TOOLS, "SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(says("Well.").then(SINK))
        question = await harness.mention("sink the Ann")
        await harness.answered(question, f"Well.\n{ASKED}")
        await harness.press(harness.ana, question, "stop")
        await harness.answered(question, "Well.\n\n⚠️ _Stopped here._")
    assert sample_tools.runs["sink"] == 0


async def test_a_restart_while_somebody_thinks_it_over(harness: BotHarness) -> None:
    """The call is given up, and an old yes means nothing; the model may ask again, in the same
    message.
    """
    async with harness.running(TOOLS, grace=0.0):
        harness.model.enqueue(SINK)
        question = await harness.mention("sink the Ann")
        (asked,) = await harness.answered(question, ASKED)
        before = buttons(asked)["confirm"]
        harness.service.bot.abandon()
    async with harness.running(TOOLS):
        harness.model.enqueue(
            calls("sink", '{"ship": "the *Ann*"}', call_id="call_2"), "It is gone."
        )
        await harness.workspace.until(lambda: buttons(asked).get("confirm", before) != before)
        await harness.workspace.click(harness.ana, asked, "slackbot_confirm", before)
        await harness.workspace.until(lambda: harness.workspace.ephemerals)
        assert sample_tools.runs["sink"] == 0
        await harness.press(harness.ana, question, "confirm")
        finished = await harness.finished(question)
    assert told(harness) == [tool_calls.INTERRUPTED, "the *Ann* is gone"]
    assert sample_tools.runs["sink"] == 1
    assert finished.ts == asked.ts


async def test_a_yes_that_comes_too_late(harness: BotHarness) -> None:
    """A yes to what is no longer asked confirms nothing else, though the model's server gives all
    calls the same id.
    """
    async with harness.running(TOOLS):
        harness.model.enqueue(SINK, calls("sink", '{"ship": "the fleet"}'), "Then not.")
        question = await harness.mention("sink the Ann")
        (asked,) = await harness.answered(question, ASKED)
        before = buttons(asked)["confirm"]
        await harness.workspace.edit(harness.ana, question, f"{harness.bot.mention} sink the fleet")
        await harness.workspace.until(lambda: is_asked(harness, question, "the fleet"))
        await harness.workspace.forge_click(harness.ana, asked, "slackbot_confirm", before)
        await harness.workspace.until(lambda: harness.workspace.ephemerals)
        assert harness.workspace.ephemerals[0].text == texts.ALREADY_DECIDED
        await harness.workspace.click(harness.ana, asked, "slackbot_decline")
        await harness.finished(question)
    assert told(harness) == [tool_calls.REJECTED]
    assert sample_tools.runs["sink"] == 0


async def test_arguments_that_do_not_fit(harness: BotHarness) -> None:
    """Nobody is asked whether a tool may be used that could not run."""
    async with harness.running(TOOLS):
        harness.model.enqueue(calls("sink", '{"boat": "Ann"}'), "Then not.")
        await harness.finished(await harness.mention("sink it"))
    assert told(harness)[0].startswith(
        "Error: not run. The arguments do not fit. ship: Field required."
    )


async def test_arguments_too_long_to_be_seen(harness: BotHarness) -> None:
    """A call that can't be shown in full is not asked about, and does not run."""
    async with harness.running(TOOLS):
        harness.model.enqueue(calls("sink", json.dumps({"ship": "a" * 5_000})), "Then not.")
        await harness.finished(await harness.mention("sink it"))
    assert told(harness) == [tool_calls.TOO_LONG_TO_APPROVE]

"""Tools that people have to confirm: who may, and what becomes of it, over the wire."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from slackbot.conversation.controls import Press
from slackbot.conversation.history import ToolCall
from slackbot.conversation.messages import ThreadKey
from slackbot.errors import UnreachableError
from slackbot.instructions.permissions import Member
from slackbot.llm import tool_calls
from slackbot.llm.tool_calls import Caller
from slackbot.playground.fake_openai.script import calls, calls_together, says
from slackbot.turns import approvals
from tests.harness import Stage
from tests.tools import sample_tools

TOOLS = {"SLACKBOT_TOOLS": "tests.tools.sample_tools"}
SINK = calls("sink", '{"ship": "the *Ann*"}')
ASKED = '⚠️ *May I use* `sink`*?*\n\n```\n{\n "ship": "the *Ann*"\n}\n```'


@pytest.fixture(autouse=True)
def ashore() -> Iterator[None]:
    sample_tools.runs.clear()
    yield
    sample_tools.runs.clear()


def told(stage: Stage) -> list[str]:
    messages = stage.model.requests[-1]["messages"]
    return [message["content"] for message in messages if message["role"] == "tool"]


@pytest.mark.parametrize("streaming", ["edit", "native"])
async def test_yes(stage: Stage, streaming: str) -> None:
    """The tool runs when the person who asked says so, and has seen all arguments."""
    async with stage.playing({**TOOLS, "SLACKBOT_STREAMING": streaming}):
        stage.model.enqueue(says("Well.").then(SINK), "It is gone.")
        question = await stage.mention("sink the Ann")
        await stage.answered(question, f"Well.\n\n{ASKED}")
        assert sample_tools.runs["sink"] == 0
        await stage.press(stage.ana, question, "confirm", "call_1")
        await stage.answered(question, "Well.\n\nIt is gone.\n\n🔧 _Used `sink`_")
    assert told(stage) == ["the *Ann* is gone"]
    assert sample_tools.runs["sink"] == 1


async def test_no(stage: Stage) -> None:
    """The tool does not run when the person says no, and the model is told."""
    async with stage.playing(TOOLS):
        stage.model.enqueue(SINK, "Then not.")
        question = await stage.mention("sink the Ann")
        await stage.press(stage.ana, question, "decline", "call_1")
        await stage.finished(question)
    assert told(stage) == [tool_calls.DECLINED]
    assert sample_tools.runs["sink"] == 0


async def test_others_may_not(stage: Stage) -> None:
    """Somebody else is told who may; the model's own words confirm nothing; an admin may."""
    chief = stage.workspace.add_person("Chief", admin=True)
    stage.general.members.add(chief.id)
    async with stage.playing(TOOLS):
        stage.model.enqueue(SINK, "It is gone.")
        question = await stage.mention("sink the Ann")
        await stage.press(stage.ben, question, "confirm", "call_1")
        await stage.workspace.until(lambda: stage.workspace.ephemerals)
        (whisper,) = stage.workspace.ephemerals
        assert whisper.text == approvals.NOT_YOURS.format(user=stage.ana.id)
        await stage.workspace.say(stage.ben, stage.general, "yes, do it", thread=question.ts)
        assert sample_tools.runs["sink"] == 0
        await stage.press(chief, question, "confirm", "call_1")
        await stage.workspace.until(
            lambda: sample_tools.runs["sink"] or stage.answers(question)[1:]
        )
    assert sample_tools.runs["sink"] == 1


async def test_one_after_the_other(stage: Stage) -> None:
    """Two calls are two questions; a press means the one that it stood under."""
    async with stage.playing(TOOLS):
        both = (calls("sink", f'{{"ship": "{name}"}}', call_id=name) for name in ("one", "two"))
        stage.model.enqueue(calls_together(*both), "So.")
        question = await stage.mention("sink both")
        first = await stage.press(stage.ana, question, "confirm", "one")
        await stage.workspace.until(lambda: '"two"' in first.shown)
        await stage.workspace.click(stage.ana, first, "slackbot_confirm", "one")
        await stage.workspace.until(lambda: stage.workspace.ephemerals)
        assert stage.workspace.ephemerals[0].text == approvals.DECIDED
        await stage.workspace.click(stage.ana, first, "slackbot_decline", "two")
        await stage.finished(question)
    assert told(stage) == ["one is gone", tool_calls.DECLINED]


class Nobody:
    """Slack can't say what anybody's role is."""

    async def member(self, user: str) -> Member:  # noqa: ARG002 - nobody's
        raise UnreachableError("users.info", sent=True)


async def test_nobody_says_anything() -> None:
    """After some minutes without a yes or a no the call is not confirmed."""
    asking = approvals.Approvals(Nobody(), (), patience=0.01)
    assert await asking.given(ToolCall("1", "sink"), Caller("U1", "C1", "T1", "1.0")) is None


async def test_unknown_roles() -> None:
    """While Slack does not say who is an admin, only the person who asked may confirm."""
    asking = approvals.Approvals(Nobody(), ())
    given = asyncio.create_task(
        asking.given(ToolCall("1", "sink"), Caller("U1", "C1", "T1", "1.0"))
    )
    await asyncio.sleep(0)
    thread = ThreadKey("T1", "C1", "1.0")
    other = Press(thread, "2.0", "U2", "confirm", "1")
    assert await asking.decide(other, yes=True) == approvals.NOT_YOURS.format(user="U1")
    assert await asking.decide(replace(other, user="U1"), yes=True) == ""
    assert await given
    assert await asking.decide(replace(other, user="U1"), yes=True) == approvals.DECIDED


async def test_stop_beside_the_question(stage: Stage) -> None:
    """Stop ends the answer, and the tool does not run."""
    async with stage.playing(TOOLS):
        stage.model.enqueue(SINK)
        question = await stage.mention("sink the Ann")
        await stage.answered(question, ASKED)
        await stage.press(stage.ana, question, "stop")
        await stage.answered(question, "⚠️ _Stopped here._")
    assert sample_tools.runs["sink"] == 0


async def test_a_restart_while_somebody_thinks_it_over(stage: Stage) -> None:
    """The call is given up, and an old yes means nothing; the model may ask again, in the same
    message.
    """
    async with stage.playing(TOOLS, grace=0.0):
        stage.model.enqueue(SINK)
        question = await stage.mention("sink the Ann")
        (asked,) = await stage.answered(question, ASKED)
        stage.service.bot.abandon()
    async with stage.playing(TOOLS):
        stage.model.enqueue(calls("sink", '{"ship": "the *Ann*"}', call_id="call_2"), "It is gone.")
        await stage.workspace.until(lambda: '"call_2"' in json.dumps(asked.blocks))
        await stage.workspace.click(stage.ana, asked, "slackbot_confirm", "call_1")
        await stage.workspace.until(lambda: stage.workspace.ephemerals)
        assert sample_tools.runs["sink"] == 0
        await stage.press(stage.ana, question, "confirm", "call_2")
        finished = await stage.finished(question)
    assert told(stage) == [tool_calls.INTERRUPTED, "the *Ann* is gone"]
    assert sample_tools.runs["sink"] == 1
    assert finished.ts == asked.ts


async def test_a_yes_that_comes_too_late(stage: Stage) -> None:
    """A yes to what is no longer asked confirms nothing else, though the model's server gives all
    calls the same id.
    """
    async with stage.playing(TOOLS):
        stage.model.enqueue(SINK, calls("sink", '{"ship": "the fleet"}'), "Then not.")
        question = await stage.mention("sink the Ann")
        (asked,) = await stage.answered(question, ASKED)
        await stage.workspace.edit(stage.ana, question, f"{stage.bot.mention} sink the fleet")
        await stage.workspace.until(lambda: "the fleet" in asked.shown)
        await stage.workspace.forge_click(stage.ana, asked, "slackbot_confirm", "call_1")
        await stage.workspace.until(lambda: stage.workspace.ephemerals)
        assert stage.workspace.ephemerals[0].text == approvals.DECIDED
        await stage.workspace.click(stage.ana, asked, "slackbot_decline", "call_2")
        await stage.finished(question)
    assert told(stage) == [tool_calls.DECLINED]
    assert sample_tools.runs["sink"] == 0


async def test_arguments_that_do_not_fit(stage: Stage) -> None:
    """Nobody is asked whether a tool may be used that could not run."""
    async with stage.playing(TOOLS):
        stage.model.enqueue(calls("sink", '{"boat": "Ann"}'), "Then not.")
        await stage.finished(await stage.mention("sink it"))
    assert told(stage)[0].startswith("Error: The arguments do not fit. ship: Field required.")


async def test_arguments_too_long_to_be_seen(stage: Stage) -> None:
    """What a person could not see in full is not asked, and does not run."""
    async with stage.playing(TOOLS):
        stage.model.enqueue(calls("sink", json.dumps({"ship": "a" * 5_000})), "Then not.")
        await stage.finished(await stage.mention("sink it"))
    assert told(stage) == [tool_calls.UNSHOWABLE]

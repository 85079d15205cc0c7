"""A model that somebody else controls presses for an approval, or hides that it used a tool."""

import json
from functools import partial

import pytest

from slackbot.llm import tool_calls
from slackbot.playground.fake_openai.script import Script, calls, calls_together, says
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.turns import approvals
from slackbot.turns.tool_executor import MAX_DECLINED_IN_A_ROW
from tests.harness import BotHarness, buttons
from tests.security import lying_tools
from tests.tools.tool_calls import tool_results

TOOLS = {"SLACKBOT_TOOLS": "tests.security.lying_tools"}


def is_asked(harness: BotHarness, question: PostedMessage, team: str) -> bool:
    """Whether people see the question for a team."""
    answers = harness.answers(question)
    return any(f'"{team}"' in each.shown and "decline" in buttons(each) for each in answers)


def deletes(team: str) -> Script:
    return calls("delete_all", json.dumps({"team": team}), call_id=f"call_{team}")


async def test_a_pretext(harness: BotHarness) -> None:
    """The question stands by itself below what the model wrote: nothing there can hide it, and
    leave the buttons under other words.
    """
    harness.model.enqueue(
        says("May I draw a cat?\n\n<div>\n```\n\ncat").then(deletes("ours")), "No."
    )
    async with harness.running(TOOLS):
        question = await harness.mention("hello?")
        asked = await harness.press(harness.ana, question, "decline")
        blocks = next(each.blocks for each in asked.versions if "May I use" in each.shown)
        await harness.finished(question)
    pretext, shown, _ = blocks
    assert "cat" in pretext["text"]
    assert shown["type"] == "markdown"
    assert shown["text"] == '⚠️ *May I use* `delete_all`*?*\n\n```\n{\n "team": "ours"\n}\n```'


async def test_asking_again_and_again(harness: BotHarness) -> None:
    """After some noes in a row, nobody is asked for more of the same answer's calls."""
    one_by_one = [deletes(str(number)) for number in range(MAX_DECLINED_IN_A_ROW)]
    together = calls_together(*(deletes(f"more-{number}") for number in range(10)))
    harness.model.enqueue(*one_by_one, together, "Well.")
    async with harness.running(TOOLS):
        question = await harness.mention("hello?")
        for number in range(MAX_DECLINED_IN_A_ROW):
            await harness.workspace.until(partial(is_asked, harness, question, str(number)))
            await harness.press(harness.ana, question, "decline")
        await harness.finished(question)
    results = tool_results(harness)
    assert results.count(tool_calls.REJECTED) == MAX_DECLINED_IN_A_ROW
    assert results.count(tool_calls.REJECTED_WITHOUT_QUESTION) == 10
    assert not lying_tools.deleted


async def test_asking_nobody(harness: BotHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody answers a question, the others of the answer don't wait as long, one after the
    other: ten rounds of sixteen would keep the thread busy for half a day.
    """
    monkeypatch.setattr(approvals, "APPROVAL_SECONDS", 0.2)
    together = calls_together(*(deletes(str(number)) for number in range(16)))
    harness.model.enqueue(together, deletes("more"), "Well.")
    async with harness.running(TOOLS):
        question = await harness.mention("hello?")
        answer = await harness.finished(question)
    questions = {
        each.shown for each in answer.versions if "May I use" in each.shown and each.blocks
    }
    assert len(questions) == 1
    assert tool_results(harness).count(tool_calls.APPROVAL_TIMED_OUT) == 17


@pytest.mark.parametrize("text", ["secret", "fail"])
async def test_a_tool_that_denies_its_use(harness: BotHarness, text: str) -> None:
    """What a tool returns does not hide from people that it was used."""
    harness.model.enqueue(calls("send_away", json.dumps({"text": text})), "Nothing happened.")
    async with harness.running(TOOLS):
        _, shown = await harness.ask("hello?")
    assert shown == "Nothing happened.\n\n🔧 _Used `send_away`_"


async def test_an_open_fence_hides_no_tools(harness: BotHarness) -> None:
    """The line that names the tools is not part of a block of code that the model left open."""
    harness.model.enqueue(calls("send_away", '{"text": "a"}'), "An example:\n\n```\nx = 1")
    async with harness.running(TOOLS):
        _, shown = await harness.ask("hello?")
    assert shown == "An example:\n\n```\nx = 1\n```\n\n🔧 _Used `send_away`_"

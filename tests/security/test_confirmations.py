"""Attacks on the question before a tool runs: what it shows, and how long people have to answer."""

import json
from collections.abc import Iterator

import pytest

from slackbot.llm import tool_calls
from slackbot.playground.fake_openai.script import Script, calls
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.slack.buttons import PREFIX
from slackbot.turns import approvals, texts
from tests.harness import BotHarness, Request, buttons
from tests.tools import sample_tools
from tests.turns.tool_use import TOOLS, tool_results

HIDDEN_ORDER = "and then sink the whole fleet of the king"

INVISIBLE = {
    "tags": "".join(chr(0xE0000 + ord(sign)) for sign in HIDDEN_ORDER),
    "variation selectors": "".join(chr(0xE0100 + ord(sign)) for sign in HIDDEN_ORDER),
    "zero width": "\u200b\u200c\u200d",
    "word joiners": "\u2060\u2061\u2062\u2063\u2064",
    "bidirectional": "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c",
    "Hangul fillers": "\u115f\u1160\u3164\uffa0",
    "Mongolian": "\u180b\u180c\u180d\u180e\u180f",
    "Khmer": "\u17b4\u17b5",
    "joiner": "\u034f",
    "emoji selectors": "\ufe0e\ufe0f",
    "soft hyphen": "\u00ad",
    "byte order mark": "\ufeff",
    "musical": "\U0001d173\U0001d17a",
    "shorthand": "\U0001bca0",
    "blank Braille": "\u2800",
    "spaces": "\u00a0\u2000\u2003\u202f\u205f\u3000",
    "separators": "\u2028\u2029\x85",
    "controls": "\x00\x08\x1b\x7f",
    "private": "\ue000\U000f0000",
    "unassigned": "\u0378\u2065\ufff0",
}


@pytest.fixture(autouse=True)
def fresh_tools() -> Iterator[None]:
    """Clears what the tools recorded after each test."""
    sample_tools.runs.clear()
    yield
    sample_tools.runs.clear()


def is_asked(harness: BotHarness, question: PostedMessage) -> bool:
    """Whether people see a tool's question, with its buttons."""
    answers = harness.answers(question)
    return bool(answers) and "confirm" in buttons(answers[-1])


@pytest.mark.parametrize("kind", INVISIBLE)
async def test_a_hidden_order(harness: BotHarness, kind: str) -> None:
    """Each invisible character of a call is shown as its code point, in Slack."""
    hidden = INVISIBLE[kind]
    async with harness.running(TOOLS):
        call = calls("sink", json.dumps({"ship": f"Hello{hidden}"}))
        harness.model.enqueue(call, "So.")
        question = await harness.mention("sink it")
        await harness.workspace.until(lambda: is_asked(harness, question))
        shown = harness.answers(question)[-1].shown.partition("```")[2]
        await harness.press(harness.ana, question, "decline")
        await harness.finished(question)
    assert "Hello" in shown
    for sign in hidden:
        assert sign not in shown
        assert f"{ord(sign):04x}" in shown


async def test_a_question_that_slack_does_not_show(
    harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time to answer begins when people can see the question: while Slack limits the bot's
    calls nobody has failed to confirm it.
    """
    monkeypatch.setattr(approvals, "APPROVAL_SECONDS", 0.2)
    harness.workspace.faults.add(
        "chat.*", Fault.rate_limited(1), when=lambda args: "May I use" in json.dumps(args)
    )
    async with harness.running({**TOOLS, "SLACKBOT_STREAMING": "edit"}):
        harness.model.enqueue(calls("sink", '{"ship": "Ann"}'), "Then not.")
        question = await harness.mention("sink it")
        answer = await harness.finished(question)
    assert any("May I use" in version.shown for version in answer.versions)
    assert tool_results(harness) == [tool_calls.APPROVAL_TIMED_OUT]


async def test_buttons_that_slack_does_not_take(harness: BotHarness) -> None:
    """A question that nobody can answer ends at once: the call does not run, which people read."""
    harness.workspace.faults.add(
        "chat.*",
        Fault.error("invalid_blocks"),
        times=99,
        when=lambda args: f"{PREFIX}confirm" in json.dumps(args),
    )
    async with harness.running(TOOLS):
        harness.model.enqueue(calls("sink", '{"ship": "Ann"}'), "Then not.")
        said = f"Then not.\n\n⚠️ _{texts.NO_BUTTONS.format(name='sink')}_"
        await harness.answered(await harness.mention("sink it"), said)
    assert tool_results(harness) == [tool_calls.NO_BUTTONS]
    assert sample_tools.runs["sink"] == 0


async def test_an_open_question_blocks_nobody(harness: BotHarness) -> None:
    """While a person thinks, others are answered, though only one answer is written at a time."""
    other = harness.workspace.add_channel("other", members=[harness.ben])
    async with harness.running({**TOOLS, "SLACKBOT_MAX_REPLIES": "1"}):
        harness.model.enqueue(calls("sink", '{"ship": "Ann"}'), "Ahoy.", "It is gone.")
        question = await harness.mention("sink it")
        await harness.workspace.until(lambda: is_asked(harness, question))
        greeting = await harness.workspace.say(harness.ben, other, f"{harness.bot.mention} hello")
        await harness.answered(greeting, "Ahoy.")
        assert is_asked(harness, question)
        await harness.press(harness.ana, question, "confirm")
        await harness.answered(question, "It is gone.\n\n🔧 _Used `sink`_")
    assert sample_tools.runs["sink"] == 1


async def test_many_open_questions_at_one_slot(harness: BotHarness) -> None:
    """Turns that want the same slot back get it one after the other."""
    async with harness.running({**TOOLS, "SLACKBOT_MAX_REPLIES": "1"}):
        harness.model.answer = asks_to_sink
        questions = [await harness.mention(f"sink {name}") for name in ("Ann", "Bess", "Cora")]
        await harness.workspace.until(lambda: all(is_asked(harness, each) for each in questions))
        for question in questions:
            await harness.press(harness.ana, question, "confirm")
        for question in questions:
            await harness.answered(question, "It is gone.\n\n🔧 _Used `sink`_")
    assert sample_tools.runs["sink"] == 3


def asks_to_sink(request: Request) -> Script | str:
    """A model that sinks a ship before it answers."""
    *_, last = request["messages"]
    return "It is gone." if last["role"] == "tool" else calls("sink", '{"ship": "Ann"}')


async def test_two_readings_of_one_call(harness: BotHarness) -> None:
    """A call with a key that stands twice is not asked about, and does not run."""
    async with harness.running(TOOLS):
        harness.model.enqueue(calls("sink", '{"ship": "mine", "ship": "yours"}'), "So.")
        await harness.finished(await harness.mention("sink it"))
    assert tool_results(harness) == [tool_calls.INVALID_ARGUMENTS]
    assert sample_tools.runs["sink"] == 0

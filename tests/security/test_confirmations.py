"""Attacks on the question before a tool runs: what it shows, and how long people have to answer."""

import json
from collections.abc import Iterator

import pytest

from slackbot.llm import tool_calls
from slackbot.playground.fake_openai.script import calls
from slackbot.playground.fake_slack.messages import PostedMessage
from tests.harness import BotHarness, buttons
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


async def test_two_readings_of_one_call(harness: BotHarness) -> None:
    """A call with a key that stands twice is not asked about, and does not run."""
    async with harness.running(TOOLS):
        harness.model.enqueue(calls("sink", '{"ship": "mine", "ship": "yours"}'), "So.")
        await harness.finished(await harness.mention("sink it"))
    assert tool_results(harness) == [tool_calls.INVALID_ARGUMENTS]
    assert sample_tools.runs["sink"] == 0

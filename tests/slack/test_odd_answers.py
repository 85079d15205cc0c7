"""Slack's answers with odd values deep inside: nobody waits for ever, and nothing is lost."""

from collections.abc import Mapping
from typing import Any

import pytest

from slackbot.playground.fake_slack.faults import Fault, FaultAnswer
from tests.delivery.transports import EDIT, NATIVE
from tests.harness import BotHarness

Json = Mapping[str, Any]

MESSAGE = {"type": "message", "ts": "1.0", "user": "U1", "text": "earlier"}
MORE = {"next_cursor": "more"}

THREADS: Mapping[str, Json] = {
    "odd figures": {
        "messages": [{**MESSAGE, "latest_reply": "odd", "reply_count": "many"}],
        "response_metadata": MORE,
    },
    "no messages, and more of them": {"messages": [], "response_metadata": MORE},
    "no ts": {"messages": [5, None, "odd", {**MESSAGE, "ts": 5}, {**MESSAGE, "ts": "odd"}]},
    "odd pages": {"messages": [MESSAGE], "response_metadata": "odd"},
    "odd cursor": {"messages": [MESSAGE], "response_metadata": {"next_cursor": 5}},
    "half a character": {
        "messages": [{**MESSAGE, "user": "U\ud83d", "files": [{"id": "F1", "name": "a\ud83d"}]}]
    },
    "odd email": {"messages": [{**MESSAGE, "files": [{"id": "F1", "timestamp": 10**20}]}]},
}

PEOPLE: Mapping[str, Json] = {
    "odd profile": {"user": {"profile": "odd"}},
    "odd fields": {"user": {"profile": {"display_name": 5}, "name": [], "tz": 5, "tz_offset": ""}},
    "half a name": {"user": {"profile": {"display_name": "A\ud83d"}}},
}


def odd(fields: Json, *, after: bool = False) -> Fault:
    """A successful answer with these fields; `after`: the call has taken effect."""
    answer = FaultAnswer(200, {"ok": True, **fields}, {})
    return Fault("answer_after" if after else "answer", answer)


@pytest.mark.parametrize("name", THREADS)
async def test_an_odd_thread(harness: BotHarness, name: str) -> None:
    """A question in a thread is answered, and so is the next one there."""
    root = await harness.said_before(harness.ben, "before")
    for _ in range(3):
        harness.workspace.faults.add("conversations.replies", odd(THREADS[name]))
    async with harness.running():
        for number, answer in enumerate(("Ahoy", "Aye"), 1):
            harness.model.enqueue(answer)
            await harness.mention("hello", thread=root.ts)
            await harness.workspace.until(lambda: len(harness.answers(root)) == number)  # noqa: B023
            await harness.service.bot.idle()
        assert [each.shown for each in harness.answers(root)] == ["Ahoy", "Aye"]


@pytest.mark.parametrize("name", PEOPLE)
async def test_an_odd_person(harness: BotHarness, name: str) -> None:
    """A person is answered, even if Slack describes them with odd values."""
    harness.workspace.faults.add("users.info", odd(PEOPLE[name]))
    async with harness.running():
        await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])


@pytest.mark.parametrize(
    ("settings", "method", "fields"),
    [
        (EDIT, "chat.postMessage", {"ts": "", "message": {}}),
        (EDIT, "chat.postMessage", {"ts": 5}),
        (EDIT, "chat.update", {"ts": ""}),
        (NATIVE, "chat.startStream", {"ts": ""}),
        (NATIVE, "chat.stopStream", {"ts": "1.0", "message": "odd"}),
    ],
)
async def test_an_odd_answer_to_a_call_that_took_effect(
    harness: BotHarness, settings: Mapping[str, str], method: str, fields: Json
) -> None:
    """The answer is shown once, and whole."""
    harness.workspace.faults.add(method, odd(fields, after=True))
    async with harness.running(settings):
        harness.model.enqueue("one two three")
        question = await harness.mention("count")
        await harness.finished(question)
        await harness.settled()
        await harness.answered(question, "one two three")


async def test_pages_without_end(harness: BotHarness) -> None:
    """Pages that name themselves as the next one are not read without end."""
    harness.workspace.faults.add("chat.postMessage", Fault.reset_before())
    for _ in range(50):
        page = {"messages": [], "response_metadata": MORE}
        harness.workspace.faults.add("conversations.replies", odd(page))
    async with harness.running(EDIT):
        harness.model.enqueue("Ahoy")
        question = await harness.mention("hello")
        await harness.finished(question)
        await harness.settled()
        await harness.answered(question, "Ahoy")
    assert harness.workspace.faults.pending

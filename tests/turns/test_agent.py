"""Answers for which tools are used, over the wire: what the model is told, and what people see."""

import asyncio
import json
from collections.abc import Iterator

import pytest

from slackbot.conversation.history import Conversation
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.messages import ThreadKey
from slackbot.instructions.revisions import SettingsChange
from slackbot.instructions.scopes import Scope
from slackbot.instructions.settings import ScopeSettings
from slackbot.llm import tool_calls
from slackbot.playground.fake_openai.script import (
    calls,
    calls_function,
    calls_together,
    says,
    searches,
)
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.store import keys, open_store
from slackbot.store.texts import LOST_DRAFT
from tests import sample_files
from tests.delivery.transports import IN_BOTH
from tests.harness import BotHarness
from tests.store.rows import file_of, locked, rows, sql
from tests.tools import sample_tools
from tests.turns.tool_use import TOOLS, tool_results

USED = "🔧 _Used `add`_"


@pytest.fixture(autouse=True)
def fresh_tools() -> Iterator[None]:
    """Clears what the tools recorded after each test."""
    sample_tools.runs.clear()
    sample_tools.gate, sample_tools.begun = asyncio.Event(), asyncio.Event()
    yield
    sample_tools.runs.clear()


async def stored(harness: BotHarness, question: PostedMessage) -> Conversation:
    store = await open_store(harness.environment["DATABASE_URL"])
    team = harness.workspace.team.team_id
    conversation = await store.load(
        ThreadKey(TeamId(team), ChannelId(question.channel), Ts(question.ts))
    )
    await store.close()
    return conversation


async def until_kept(harness: BotHarness, call: str) -> None:
    """Until the result of a call that ended in the middle of a round is in the database."""
    while not is_kept(harness, call):  # noqa: ASYNC110 - nothing else tells what is in the file
        await asyncio.sleep(0.01)


def is_kept(harness: BotHarness, call: str) -> bool:
    stored = rows(file_of(harness.environment["DATABASE_URL"]))
    return any(f'"{call}"'.encode() in row for key, row in stored.items() if is_result(key))


def is_result(key: str) -> bool:
    return key.startswith(keys.DRAFT) and key.count("/") == keys.DRAFT_HEAD_SLASHES + 2


async def test_a_tool_is_used(harness: BotHarness) -> None:
    """A tool's result goes back to the model, whose next text is the answer."""
    async with harness.running(TOOLS):
        harness.model.enqueue(calls("add", '{"a": ', "2}"), "It is 3.")
        question = await harness.mention("add")
        await harness.answered(question, f"It is 3.\n\n{USED}")
    offered = {tool["function"]["name"] for tool in harness.model.requests[0]["tools"]}
    assert {"add", "who_am_i", "sink"} <= offered
    assert harness.model.requests[1]["messages"][-2:] == [
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [
                {
                    "id": "call_1",
                    "type": "function",
                    "function": {"name": "add", "arguments": '{"a": 2}'},
                }
            ],
        },
        {"role": "tool", "content": "3", "tool_call_id": "call_1"},
    ]


async def test_the_history_keeps_the_tools(harness: BotHarness) -> None:
    """In the next request of the thread the calls and their results stand where they were."""
    async with harness.running(TOOLS):
        harness.model.enqueue(says("Wait.").then(calls("add", '{"a": 1}')), "It is 2.", "Yes.")
        question = await harness.mention("add")
        await harness.answered(question, f"Wait.\n\nIt is 2.\n\n{USED}")
        await harness.workspace.say(harness.ana, harness.general, "sure?", thread=question.ts)
        await harness.answered(question, f"Wait.\n\nIt is 2.\n\n{USED}", "Yes.")
    roles = [message["role"] for message in harness.model.requests[2]["messages"]]
    assert roles == ["developer", "user", "assistant", "tool", "assistant", "user"]
    assert [m["content"] for m in harness.model.requests[2]["messages"][2:5]] == [
        "Wait.",
        "2",
        "It is 2.",
    ]


@IN_BOTH
async def test_the_web_is_searched(harness: BotHarness, streaming: str) -> None:
    """Where it is switched on for the channel the model may search the web; its sources are shown,
    and no other channel is searched for.
    """
    other = harness.workspace.add_channel("other", members=[harness.ana])
    team = harness.workspace.team.team_id
    store = await open_store(harness.environment["DATABASE_URL"])
    await store.add_revision(
        Scope(TeamId(team), ChannelId(harness.general.id)),
        SettingsChange(UserId(harness.ana.id), ScopeSettings(extras=("search",)), after=0),
    )
    await store.close()
    async with harness.running({"OPENAI_API": "responses", "SLACKBOT_STREAMING": streaming}):
        looked = searches(("https://example.com/a", "A page")).then(says("So it is.")).held(after=1)
        harness.model.enqueue(looked, "Ahoy.")
        question = await harness.mention("look")
        await harness.workspace.until(lambda: harness.uses_tools(question, "Searching the web"))
        harness.model.release()
        await harness.answered(
            question, "So it is.\n\n🔗 _Sources:_ [A page](https://example.com/a)"
        )
        await harness.finished(await harness.workspace.say(harness.ana, other, harness.bot.mention))
    searching = [{"type": "web_search"} in each["tools"] for each in harness.model.requests]
    assert searching == [True, False]


async def test_a_search_that_breaks_off(harness: BotHarness) -> None:
    """An answer that breaks off while the web is searched is asked for once more, and only what is
    found then is shown.
    """
    async with harness.running({"OPENAI_API": "responses"}):
        first, second = (searches((f"https://example.com/{n}", n)) for n in ("one", "two"))
        harness.model.enqueue(first.dropped(after=2), second.then(says("So it is.")))
        shown = "So it is.\n\n🔗 _Sources:_ [two](https://example.com/two)"
        await harness.answered(await harness.mention("look"), shown)


async def test_tools_in_a_stream(harness: BotHarness) -> None:
    """One of Slack's streams shows tools as tasks next to the text, which are done in the end."""
    both = calls_together(
        calls("wait_for_gate", "{}", call_id="slow"), calls("add", '{"a": 1}', call_id="quick")
    )
    async with harness.running({**TOOLS, "SLACKBOT_STREAMING": "native"}):
        harness.model.enqueue(calls("add", '{"a": 1}'), says("Wait.").then(both), "Done.")
        question = await harness.mention("both")
        await sample_tools.begun.wait()
        name = "wait_for_gate, add"
        await harness.workspace.until(
            lambda: (
                harness.answers(question)
                and (name, "in_progress") in harness.answers(question)[0].tasks.values()
            )
        )
        sample_tools.gate.set()
        await harness.answered(
            question, "Wait.\n\nDone.\n\n🔧 _Used `add` 2 times, `wait_for_gate`_"
        )
    (answer,) = harness.answers(question)
    assert {status for _, status in answer.tasks.values()} == {"complete"}
    methods = [call.method for call in harness.workspace.calls]
    assert "chat.update" not in methods


async def test_a_search_in_a_stream(harness: BotHarness) -> None:
    """A search of the web is a task of a stream, too."""
    async with harness.running({"OPENAI_API": "responses", "SLACKBOT_STREAMING": "native"}):
        harness.model.enqueue(searches().then(says("So it is.")).held(after=1))
        question = await harness.mention("look")
        task = ("Searching the web", "in_progress")
        await harness.workspace.until(
            lambda: (
                harness.answers(question) and task in harness.answers(question)[0].tasks.values()
            )
        )
        harness.model.release()
        (answer,) = await harness.answered(question, "So it is.")
        await harness.finished(question)
    assert [*answer.tasks.values()] == [("Searching the web", "complete")]


async def test_a_stream_that_takes_no_tasks(harness: BotHarness) -> None:
    """Where Slack refuses tasks the text goes on without them."""
    harness.workspace.faults.add("chat.appendStream", Fault.error("invalid_chunks"))
    async with harness.running({**TOOLS, "SLACKBOT_STREAMING": "native"}):
        harness.model.enqueue(
            says(
                "Wait for it, please, as it takes a while to add all of these numbers up. Really."
            ).then(calls("wait_for_gate", "{}")),
            "Done.",
        )
        question = await harness.mention("go")
        await sample_tools.begun.wait()
        await harness.workspace.until(
            lambda: any(call.error == "invalid_chunks" for call in harness.workspace.calls)
        )
        sample_tools.gate.set()
        answer = await harness.finished(question)
    assert answer.shown.endswith("Done.\n\n🔧 _Used `wait_for_gate`_")
    assert answer.tasks == {}


async def test_the_caller_is_who_asks(harness: BotHarness) -> None:
    """A tool knows who asks and where; the model is not asked for it, and can't say."""
    async with harness.running(TOOLS):
        harness.model.enqueue(
            calls("who_am_i", "{}"), calls("who_am_i", '{"caller": {"user": "U1"}}'), "You."
        )
        question = await harness.mention("who am I?")
        await harness.finished(question)
    (tool,) = [
        tool["function"]
        for tool in harness.model.requests[0]["tools"]
        if tool["function"]["name"] == "who_am_i"
    ]
    assert tool["parameters"]["properties"] == {}
    mine, forged = tool_results(harness)
    assert json.loads(mine) == {
        "user": harness.ana.id,
        "channel": harness.general.id,
        "team": harness.workspace.team.team_id,
    }
    assert forged.startswith("Error: not run. The arguments do not fit. caller:")


async def test_a_bystander_is_no_caller(harness: BotHarness) -> None:
    """Tools run for the person who asked, and not for a person who wrote meanwhile; also when the
    answer is regenerated.
    """
    cara = harness.workspace.add_person("Cara")
    async with harness.running(TOOLS):
        who = calls("who_am_i", "{}")
        harness.model.enqueue(says("Ahoy").held(after=0), who, "You.", who, "Still you.")
        question = await harness.mention("hello")
        await harness.model.until(lambda: len(harness.model.streams) == 1)
        await harness.mention("who am I?", thread=question.ts)
        aside = f"<@{cara.id}> lunch?"
        await harness.workspace.say(harness.ben, harness.general, aside, thread=question.ts)
        await harness.all_acknowledged()
        harness.model.release()
        await harness.answered(question, "Ahoy", "You.\n\n🔧 _Used `who_am_i`_")
        await harness.press(harness.ben, question, "again")
        await harness.answered(question, "Ahoy", "Still you.\n\n🔧 _Used `who_am_i`_")
    assert len(tool_results(harness)) == 1
    callers = [json.loads(tool_results(harness, request)[0])["user"] for request in (2, 4)]
    assert callers == [harness.ana.id, harness.ana.id]


async def test_at_most_ten_rounds(harness: BotHarness) -> None:
    """After ten rounds the model has to answer; if it does not, the calls are refused."""
    async with harness.running(TOOLS):
        rounds = [calls("add", '{"a": 1}', call_id=f"call_{n}") for n in range(12)]
        harness.model.enqueue(*rounds[:10], "It is 2.", *rounds)
        question = await harness.mention("add")
        await harness.finished(question)
        assert [request.get("tool_choice") for request in harness.model.requests] == [
            *[None] * 10,
            "none",
        ]
        assert sample_tools.runs["add"] == 10
        other = await harness.mention("add again")
        assert (await harness.finished(other)).shown == (
            "🔧 _Used `add` 10 times_\n\n"
            "⚠️ _The model returned an empty answer. Please ask again, or rephrase your question._"
        )
        assert sample_tools.runs["add"] == 20
    turn = (await stored(harness, other)).turns[-1]
    assert turn.tool_rounds[-1].results == {
        turn.tool_rounds[-1].calls[0].id: tool_calls.TOO_MANY_ROUNDS
    }


async def test_the_old_form(harness: BotHarness) -> None:
    """A call in the form of before there were several at a time is understood."""
    async with harness.running(TOOLS):
        harness.model.enqueue(calls_function("add", '{"a": 4}'), "It is 5.")
        await harness.finished(await harness.mention("add"))
    assert tool_results(harness) == ["5"]


async def test_ids_that_repeat(harness: BotHarness) -> None:
    """A server that gives every call the same id, or none, is understood; sent back they differ."""
    async with harness.running(TOOLS):
        same = calls("add", '{"a": 1}', call_id="same")
        none = calls("add", '{"a": 2}', call_id="")
        harness.model.enqueue(same, calls_together(same, none, none), "So.")
        await harness.finished(await harness.mention("add"))
    assert tool_results(harness) == ["2", "2", "3", "3"]


async def test_an_answer_that_breaks_off(harness: BotHarness) -> None:
    """An answer that breaks off after tools is asked for once more; they are not used again."""
    async with harness.running(TOOLS):
        harness.model.enqueue(
            says("one").then(calls("add", '{"a": 1}')).dropped(after=2),
            calls("add", '{"a": 1}'),
            says("It is").dropped(after=1),
            "It is 2.",
        )
        question = await harness.mention("add")
        await harness.answered(question, f"It is 2.\n\n{USED}")
    assert sample_tools.runs["add"] == 1


async def test_a_server_without_tools(harness: BotHarness) -> None:
    """A server that takes no tools is asked without them, and the history is told without them."""
    async with harness.running(TOOLS):
        harness.model.enqueue(says("Look.").then(calls("add", '{"a": 1}')), "It is 2.", "Yes.")
        question = await harness.mention("add")
        await harness.finished(question)
        harness.model.rules = type(harness.model.rules)(refuses=frozenset({"tools"}))
        await harness.workspace.say(harness.ana, harness.general, "sure?", thread=question.ts)
        await harness.workspace.until(lambda: len(harness.answers(question)) == 2)
    assert [m["content"] for m in harness.model.requests[-1]["messages"][1:]] == [
        "add",
        "Look.\n\nIt is 2.",
        "sure?",
    ]
    assert "tools" not in harness.model.requests[-1]


async def test_a_crash_in_the_middle_of_tools(harness: BotHarness) -> None:
    """The next run goes on with what was recorded: nothing runs twice, one answer, in its message.

    A tool that had begun and not ended is not run again: the model is told so.
    """
    both = calls_together(
        calls("add", '{"a": 1}', call_id="ended"), calls("wait_for_gate", "{}", call_id="begun")
    )
    async with harness.running(TOOLS, grace=0.0):
        harness.model.enqueue(says("Look.").then(calls("add", '{"a": 5}')), both)
        question = await harness.mention("both")
        await sample_tools.begun.wait()
        await harness.workspace.until(lambda: harness.uses_tools(question, "wait_for_gate"))
        await until_kept(harness, "ended")
        harness.service.bot.abandon()
    (before,) = harness.answers(question)
    async with harness.running(TOOLS):
        harness.model.enqueue("It is 2.")
        after = await harness.finished(question)
    assert sample_tools.runs == {"add": 2, "wait_for_gate": 1}
    assert tool_results(harness) == ["6", "2", tool_calls.INTERRUPTED]
    assert after.ts == before.ts
    assert after.shown == "Look.\n\nIt is 2.\n\n🔧 _Used `add` 2 times, `wait_for_gate`_"


async def test_results_that_arrive_together(harness: BotHarness) -> None:
    """A result that arrives while another one is being stored is not lost if the bot ends then."""
    both = calls_together(*(calls("wait_for_gate", "{}", call_id=name) for name in ("a", "b")))
    async with harness.running(TOOLS, grace=0.0):
        harness.model.enqueue(both)
        question = await harness.mention("both")
        await sample_tools.begun.wait()
        await harness.workspace.until(lambda: harness.uses_tools(question, "wait_for_gate"))
        with locked(harness.environment["DATABASE_URL"]):
            sample_tools.gate.set()
            await harness.all_received()
            await harness.all_acknowledged()  # both tools have returned by then
            harness.service.bot.abandon()
    async with harness.running(TOOLS):
        harness.model.enqueue("Open.")
        await harness.finished(question)
    assert tool_results(harness) == ["open", "open"]
    assert sample_tools.runs == {"wait_for_gate": 2}


async def test_a_draft_that_can_not_be_read(
    harness: BotHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """Tools may run twice, so the person is asked first. The log tells it without a traceback."""
    async with harness.running(TOOLS, grace=0.0):
        harness.model.enqueue(
            calls("add", '{"a": 1}', call_id="ended"), calls("wait_for_gate", "{}", call_id="begun")
        )
        question = await harness.mention("both")
        await sample_tools.begun.wait()
        harness.service.bot.abandon()
    sql(
        file_of(harness.environment["DATABASE_URL"]),
        "UPDATE store SET value = 7 WHERE key LIKE 'draft/%'",
    )
    async with harness.running(TOOLS):
        failed = await harness.finished(question)
        assert LOST_DRAFT in failed.shown
        harness.model.enqueue("It is 2.")
        await harness.press(harness.ana, question, "again")
        await harness.workspace.until(lambda: "It is 2." in harness.answers(question)[-1].shown)
    assert len(harness.answers(question)) == 1
    assert not [each for each in caplog.records if each.exc_info]


async def test_an_edit_in_the_middle_of_tools(harness: BotHarness) -> None:
    """A question that changes is answered from the beginning: its tools are used for what it says
    now.
    """
    async with harness.running(TOOLS):
        harness.model.enqueue(calls("wait_for_gate", "{}"), "New.")
        question = await harness.mention("wait")
        await sample_tools.begun.wait()
        await harness.workspace.edit(harness.ana, question, f"{harness.bot.mention} never mind")
        await harness.answered(question, "New.")
    assert tool_results(harness) == []
    assert (await stored(harness, question)).turns[-1].tool_rounds == ()


async def test_regenerate_uses_tools_again(harness: BotHarness) -> None:
    """Another answer begins without the tools that were used for the one before."""
    async with harness.running(TOOLS):
        harness.model.enqueue(
            calls("add", '{"a": 1}'), "It is 2.", calls("add", '{"a": 1}'), "Two."
        )
        question = await harness.mention("add")
        await harness.answered(question, f"It is 2.\n\n{USED}")
        await harness.press(harness.ana, question, "again")
        await harness.answered(question, f"Two.\n\n{USED}")
    assert sample_tools.runs["add"] == 2
    assert len(tool_results(harness)) == 1


async def test_transcripts_are_shown_at_once(harness: BotHarness) -> None:
    """The words of a recording stand in the reply before the model writes anything."""
    harness.model.media.transcript = "What is the capital of France?"
    harness.model.enqueue(says("Paris.").held(after=0))
    clip = harness.workspace.share(harness.ana, "memo.m4a", sample_files.recording(), "audio/mp4")
    async with harness.running({"OPENAI_TRANSCRIBE_MODEL": "listener"}):
        question = await harness.workspace.say(
            harness.ana, harness.general, harness.bot.mention, files=[clip]
        )
        await harness.answered(question, "> 🎤 What is the capital of France?")
        await harness.model.until(lambda: len(harness.model.streams) == 1)
        harness.model.release()
        await harness.answered(question, "> 🎤 What is the capital of France?\n\nParis.")

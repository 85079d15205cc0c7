"""What tools did for an unfinished turn is stored piece by piece."""

from dataclasses import replace
from pathlib import Path

from slackbot.conversation.history import ToolCall, ToolRound, Turn, UserMessage
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.messages import Message, QueuedMessage, ThreadKey
from slackbot.store import RecordStore
from tests.store.rows import receive, rows, sql

THREAD = ThreadKey(TeamId("T1"), ChannelId("C1"), Ts("1700000000.000100"))
HELLO = Message(THREAD, THREAD.ts, UserId("U1"), "hello")
ASKED = Turn((UserMessage("Ann", "hello", HELLO.ts, HELLO.user),))

ROUNDS, CALLS, RESULT = 10, 16, "x" * 20_000


async def test_only_what_is_new_is_written(store: RecordStore, path: Path) -> None:
    """Ten rounds of sixteen long results cost as many bytes as they have, and little more."""
    await receive(store, HELLO)
    sql(path, "CREATE TABLE written (size)")
    sql(
        path,
        "CREATE TRIGGER i AFTER INSERT ON store "
        "BEGIN INSERT INTO written VALUES (length(new.key) + length(new.value)); END",
    )
    stored: tuple[ToolRound, ...] = ()
    for number in range(ROUNDS):
        calls = tuple(ToolCall(f"call_{number}_{each}", "add") for each in range(CALLS))
        rounds = (*stored, ToolRound("Let me see", calls))
        for call in ("", *(each.id for each in calls)):
            if call:
                rounds = (*rounds[:-1], rounds[-1].resulting(call, RESULT))
            turn = replace(ASKED, tool_rounds=rounds)
            await store.draft(THREAD, HELLO.ts, turn, [QueuedMessage(HELLO)], stored=stored)
            stored = rounds
    assert await store.drafted(THREAD, HELLO.ts) == replace(ASKED, tool_rounds=stored)
    ((written,),) = sql(path, "SELECT sum(size) FROM written")
    assert written < 1.05 * ROUNDS * CALLS * len(RESULT)


async def test_another_attempt_begins_again(store: RecordStore, path: Path) -> None:
    """Nothing of what an earlier one stored is left between the rounds of the new one."""
    await receive(store, HELLO)
    first, second = (ToolRound("", (ToolCall(each, "add"),), {each: each}) for each in "12")
    waiting = [QueuedMessage(HELLO)]
    await store.draft(THREAD, HELLO.ts, replace(ASKED, tool_rounds=(first, second)), waiting)
    other = replace(ASKED, tool_rounds=(second,))
    await store.draft(THREAD, HELLO.ts, other, waiting)
    assert await store.drafted(THREAD, HELLO.ts) == other
    await store.draft(THREAD, HELLO.ts, other, waiting, stored=(second,))
    sql(path, "DELETE FROM store WHERE key LIKE 'draft/%'")
    assert await store.drafted(THREAD, HELLO.ts) is None
    await store.draft(THREAD, HELLO.ts, other, waiting, stored=(second,))
    assert await store.drafted(THREAD, HELLO.ts) == other


async def test_a_result_that_is_awaited_is_awaited_again(store: RecordStore) -> None:
    """A call that had begun when the process ended has no result, whatever came after it."""
    await receive(store, HELLO)
    calls = (ToolCall("1", "add"), ToolCall("2", "add"))
    turn = replace(ASKED, tool_rounds=(ToolRound("", calls, {"2": "two"}),))
    await store.draft(THREAD, HELLO.ts, turn, [QueuedMessage(HELLO)])
    kept = await store.drafted(THREAD, HELLO.ts)
    assert kept is not None
    assert kept.tool_rounds[0].awaited == calls[:1]


async def test_all_its_rows_go_with_it(store: RecordStore, path: Path) -> None:
    """When its turn is stored, or one of its messages changes."""
    tool_round = ToolRound("", (ToolCall("1", "add"),), {"1": "2"})
    turn = replace(ASKED, tool_rounds=(tool_round,))
    for key in (HELLO.ts, ""):
        await receive(store, HELLO)
        await store.draft(THREAD, HELLO.ts, turn, [QueuedMessage(HELLO)])
        conversation = (await store.load(THREAD)).add(ASKED)
        assert await store.commit(THREAD, conversation, 1, [QueuedMessage(HELLO)], key=key)
        assert not [key for key in rows(path) if key.startswith("draft/")]
        await store.forget_team(THREAD.team)
        await store.admit_team(THREAD.team)

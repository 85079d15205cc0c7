"""Turns that wait to be answered again, and why."""

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest

from slackbot.conversation.changes import Edited, FilesAdded, Regenerated
from slackbot.conversation.controls import Press
from slackbot.conversation.history import Answer, Conversation, FinishReason, Turn, UserMessage
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.inbox_events import ButtonPressed, MessageReceived
from slackbot.conversation.messages import Message, QueuedRegeneration, RegenerationCause, ThreadKey
from slackbot.conversation.post_intent import PostIntent
from slackbot.store import RecordStore, open_store

ASKER, OTHER = UserId("U1"), UserId("U2")
THREAD = ThreadKey(TeamId("T1"), ChannelId("C1"), Ts("1700000000.000100"))
HELLO = Message(THREAD, THREAD.ts, ASKER, "<@UBOT> hello")
ANSWER = Ts("1700000006.000000")

seconds = count()
"""When buttons are pressed."""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[RecordStore]:
    store = await open_store(f"sqlite:///{tmp_path / 'bot.db'}")
    yield store
    await store.close()


async def answer(store: RecordStore, finish_reason: FinishReason) -> None:
    """Stores one turn of Ana's, whose answer ended like this."""
    await store.append(MessageReceived(HELLO), opens=True)
    (event,) = await store.events(THREAD)
    await store.receive(THREAD, event.number, HELLO)
    said = UserMessage("Ana", "hello", HELLO.ts, ASKER)
    turn = Turn((said,), Answer("Ahoy", finish_reason), (ANSWER,))
    waiting = (await store.waiting(THREAD)).messages
    assert await store.commit(THREAD, Conversation((turn,)), 1, waiting)


async def apply(store: RecordStore, ts: Ts, change: Edited | FilesAdded | Regenerated) -> None:
    pressed = Press(THREAD, ANSWER, OTHER, "again", action_ts=Ts(f"17000001{next(seconds):02}.0"))
    await store.append(ButtonPressed(pressed), opens=False)
    (event,) = await store.events(THREAD)
    await store.fold(THREAD, event.number, ts, change)


PRESSED = Regenerated(ANSWER, OTHER)
RETRIED = Regenerated(ANSWER, ASKER)
EDITED = Edited(HELLO, "bye", wants_answer=True)


@pytest.mark.parametrize(
    ("finish_reason", "changes", "cause"),
    [
        ("stop", [PRESSED], "pressed"),
        ("stop", [RETRIED], "pressed"),
        ("broken", [PRESSED], "pressed"),
        ("broken", [Regenerated(ANSWER)], "pressed"),
        ("broken", [RETRIED], "retried"),
        ("broken", [RETRIED, PRESSED], "retried"),
        ("broken", [PRESSED, RETRIED], "retried"),
        ("stop", [EDITED], "edited"),
        ("stop", [PRESSED, EDITED], "edited"),
        ("stop", [EDITED, PRESSED], "edited"),
    ],
)
async def test_causes(
    store: RecordStore,
    finish_reason: FinishReason,
    changes: list[Edited | Regenerated],
    cause: RegenerationCause,
) -> None:
    """Only the person who asked asks again: with an edit, or by trying what failed. A later press
    of somebody else takes nothing away.
    """
    await answer(store, finish_reason)
    for change in changes:
        await apply(store, HELLO.ts if isinstance(change, Edited) else ANSWER, change)
    assert (await store.waiting(THREAD)).again == (QueuedRegeneration(0, None, cause),)


async def test_the_cause_is_kept_while_it_is_posted(store: RecordStore) -> None:
    """What is recorded of a new message changes nothing about it."""
    await answer(store, "stop")
    await apply(store, HELLO.ts, EDITED)
    posting = PostIntent("key", 1, ANSWER, None)
    await store.place_again(THREAD, 0, (ANSWER,), posting)
    assert (await store.waiting(THREAD)).again == (QueuedRegeneration(0, posting, "edited"),)


async def test_the_turn_of_a_message(store: RecordStore) -> None:
    """A message is found in its turn, the question as well as the answer."""
    await answer(store, "stop")
    (turn,) = (await store.load(THREAD)).turns
    assert await store.turn_of(THREAD, ANSWER) == await store.turn_of(THREAD, HELLO.ts) == turn
    assert turn.asker == ASKER
    assert await store.turn_of(THREAD, Ts("9.0")) is None

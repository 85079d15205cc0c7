"""The inbox: what Slack delivers is stored once and in order until it is folded in."""

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from slackbot.conversation.attachment import Attachment
from slackbot.conversation.changes import ChangeResult, Deleted, Edited, Rated, Regenerated
from slackbot.conversation.controls import Press
from slackbot.conversation.history import Answer, Conversation, Turn, UserMessage
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.inbox_events import (
    ButtonPressed,
    InboxEvent,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    StopRequested,
    StoredEvent,
)
from slackbot.conversation.messages import Message, QueuedMessage, QueuedRegeneration, ThreadKey
from slackbot.conversation.post_intent import PostIntent
from slackbot.store import RecordStore, open_store
from tests.store.rows import keys_of, occurrences, sql

U1 = UserId("U1")

THREAD = ThreadKey(TeamId("T1"), ChannelId("C1"), Ts("1700000000.000100"))
OTHER = ThreadKey(TeamId("T1"), ChannelId("C1"), Ts("1700000000.000900"))
HELLO = Message(THREAD, THREAD.ts, U1, "<@UBOT> hello \ud83d")
MORE = Message(THREAD, Ts("1700000005.000000"), UserId("U2"), "and this?")
FILES = (Attachment("F1", "photo.png", "image/png", 7),)
ANSWER = Ts("1700000006.000000")


def edit(message: Message, markup: str, at: str = "1700000010.000000") -> MessageEdited:
    return MessageEdited(replace(message, markup=markup, edited_ts=Ts(at)), message)


def press(user: str = "U2", at: str = "1700000011.000000") -> ButtonPressed:
    return ButtonPressed(Press(THREAD, ANSWER, UserId(user), "good", action_ts=Ts(at)))


STOP = StopRequested(THREAD, UserId("U3"), Ts("1700000012.000000"))

EVENTS: tuple[InboxEvent, ...] = (
    MessageReceived(HELLO),
    MessageReceived(replace(MORE, files=FILES)),
    edit(HELLO, "bye"),
    MessageDeleted(THREAD, MORE.ts, MORE),
    MessageDeleted(THREAD, ANSWER),
    press(),
    STOP,
)


async def events(store: RecordStore, thread: ThreadKey = THREAD) -> list[InboxEvent]:
    return [each.event for each in await store.events(thread)]


async def received(store: RecordStore, message: Message) -> ChangeResult:
    """Has a message delivered and folded in."""
    assert await store.append(MessageReceived(message), opens=True)
    return await store.receive(message.thread, await last(store, message.thread), message)


async def last(store: RecordStore, thread: ThreadKey = THREAD) -> int:
    """The number of the event that was appended last."""
    return (await store.events(thread))[-1].number


async def answered(store: RecordStore, *messages: Message) -> None:
    """Commits one turn of all these messages, which have been received."""
    said = tuple(UserMessage("Ann", each.markup, each.ts, each.user) for each in messages)
    conversation = await store.load(THREAD)
    turn = Turn(said, Answer("Ahoy"), (ANSWER,))
    waiting = (await store.waiting(THREAD)).messages
    assert await store.commit(THREAD, conversation.add(turn), 1, waiting)


async def test_events_come_back_in_order(store: RecordStore) -> None:
    """Whatever kind they are of, as they were delivered, under growing numbers."""
    for event in EVENTS:
        assert await store.append(event, opens=True)
    stored = await store.events(THREAD)
    assert [each.event for each in stored] == list(EVENTS)
    numbers = [each.number for each in stored]
    assert numbers == sorted(set(numbers))
    assert await store.events(OTHER) == []


async def test_an_event_is_appended_once(store: RecordStore) -> None:
    """A second delivery adds nothing, however many come at the same time."""
    for event in EVENTS:
        appended = await asyncio.gather(*(store.append(event, opens=True) for _ in range(3)))
        assert appended == [True, False, False]
    assert await events(store) == list(EVENTS)


async def test_numbers_are_never_used_twice(url: str) -> None:
    """Also after a restart with an empty inbox."""
    first = await open_store(url)
    await first.append(MessageReceived(HELLO), opens=True)
    number = await last(first)
    await first.receive(THREAD, number, HELLO)
    await first.close()
    second = await open_store(url)
    await second.append(MessageReceived(MORE), opens=False)
    assert await last(second) > number
    await second.close()


async def test_a_foreign_thread_is_left_alone(store: RecordStore, path: Path) -> None:
    """An event that opens nothing leaves no trace, until something opens the thread."""
    before = keys_of(path)
    for event in EVENTS:
        assert not await store.append(event, opens=False)
    assert keys_of(path) == before
    assert await store.append(MessageReceived(HELLO), opens=True)
    assert await store.append(MessageReceived(MORE), opens=False)
    assert not await store.append(MessageReceived(replace(HELLO, thread=OTHER)), opens=False)


async def test_threads_with_events_are_unanswered(store: RecordStore) -> None:
    """The one whose message is oldest comes first, received or not."""
    elsewhere = Message(OTHER, OTHER.ts, U1, "hello")
    await received(store, elsewhere)
    await store.append(MessageReceived(HELLO), opens=True)
    assert await store.unanswered() == [THREAD, OTHER]
    await store.discard(THREAD, await last(store))
    assert await store.unanswered() == [OTHER]


async def test_a_received_message_waits(store: RecordStore) -> None:
    """It leaves the inbox and waits, and its thread is the bot's."""
    assert await received(store, HELLO) == ChangeResult(waiting=True, received=True)
    assert await store.events(THREAD) == []
    assert (await store.waiting(THREAD)).messages == (QueuedMessage(HELLO),)
    assert await store.append(MessageReceived(MORE), opens=False)


async def test_an_answered_message_is_not_received_again(store: RecordStore) -> None:
    """A late delivery finds it known, also one in full when the first one had no files."""
    await received(store, HELLO)
    await answered(store, HELLO)
    assert not await store.append(MessageReceived(HELLO), opens=True)
    again = replace(HELLO, files=FILES)
    assert await store.append(MessageReceived(again), opens=True)
    assert await store.receive(THREAD, await last(store), again) == ChangeResult(again=True)
    assert (await store.load(THREAD)).turns[0].messages[0].files == FILES
    assert not await store.append(MessageReceived(again), opens=True)
    assert (await store.waiting(THREAD)).messages == ()


async def test_files_that_come_with_the_second_delivery(store: RecordStore) -> None:
    """A message that waits gets them; the first delivery's files are not replaced."""
    await received(store, HELLO)
    full = replace(HELLO, files=FILES)
    assert await received(store, full) == ChangeResult(waiting=True)
    assert (await store.waiting(THREAD)).messages == (QueuedMessage(full),)
    await received(store, replace(MORE, files=FILES))
    assert not await store.append(MessageReceived(MORE), opens=True)


async def test_a_command_is_not_received_again(store: RecordStore) -> None:
    """A message that was taken without a turn of its own stays known, with files and without."""
    await received(store, HELLO)
    waiting = (await store.waiting(THREAD)).messages
    assert await store.commit(THREAD, Conversation(), 0, waiting)
    assert not await store.append(MessageReceived(HELLO), opens=True)
    assert await received(store, replace(HELLO, files=FILES)) == ChangeResult()
    assert (await store.waiting(THREAD)).messages == ()


async def test_an_edit_of_a_deleted_command(store: RecordStore) -> None:
    """An edit of a command that arrives after its deletion does not bring it back."""
    await received(store, HELLO)
    waiting = (await store.waiting(THREAD)).messages
    assert await store.commit(THREAD, Conversation(), 0, waiting)
    await store.append(MessageDeleted(THREAD, HELLO.ts), opens=True)
    await store.fold(THREAD, await last(store), HELLO.ts, Deleted(HELLO.ts))
    edited = edit(HELLO, "bye")
    await store.append(edited, opens=True)
    change = Edited(edited.message, "bye", wants_answer=True)
    assert await store.fold(THREAD, await last(store), HELLO.ts, change) is None
    assert (await store.waiting(THREAD)).messages == ()


async def test_an_edit_that_comes_before_its_message(store: RecordStore) -> None:
    """The edited message is received in its place, and the late one is known."""
    edited = edit(HELLO, "bye")
    await store.append(edited, opens=True)
    number = await last(store)
    assert (await store.receive(THREAD, number, edited.message)).received
    assert not await store.append(MessageReceived(HELLO), opens=True)
    assert (await store.waiting(THREAD)).messages == (QueuedMessage(edited.message),)


async def test_a_message_behind_its_edit(store: RecordStore) -> None:
    """Both in the inbox, in the wrong order: the edited text counts."""
    edited = edit(HELLO, "bye")
    await store.append(edited, opens=True)
    await store.append(MessageReceived(HELLO), opens=True)
    first, second = await store.events(THREAD)
    assert not await store.knows(THREAD, HELLO.ts)
    change = Edited(edited.message, "bye", wants_answer=True)
    assert await store.fold(THREAD, first.number + 99, HELLO.ts, change) is None
    assert (await store.receive(THREAD, first.number, edited.message)).received
    assert await store.knows(THREAD, HELLO.ts)
    assert await store.receive(THREAD, second.number, HELLO) == ChangeResult()
    assert (await store.waiting(THREAD)).messages == (QueuedMessage(edited.message),)


async def test_an_older_edit_changes_nothing(store: RecordStore) -> None:
    """Times are compared as numbers, of a message that waits and of one that is answered."""
    await received(store, HELLO)
    times = ("1700000009.5", "1700000010.000000", "999999999.9", "1700000010.0")
    for text, at in zip("abcd", times, strict=True):
        await store.append(edit(HELLO, text, at), opens=False)
    first, second, third, fourth = await store.events(THREAD)

    async def fold(stored: StoredEvent) -> ChangeResult | None:
        assert isinstance(stored.event, MessageEdited)
        message = stored.event.message
        change = Edited(message, message.markup, wants_answer=True)
        return await store.fold(THREAD, stored.number, message.ts, change)

    assert await fold(second) == ChangeResult(waiting=True)
    assert await fold(first) == ChangeResult()
    (waiting,) = (await store.waiting(THREAD)).messages
    assert waiting.message.markup == "b"
    said = UserMessage("Ann", "b", HELLO.ts, U1, edited_ts=waiting.message.edited_ts)
    turn = Turn((said,), Answer("Ahoy"), (ANSWER,))
    assert await store.commit(THREAD, Conversation((turn,)), 1, [waiting])
    assert await fold(third) == ChangeResult()
    assert await fold(fourth) == ChangeResult()
    await store.append(edit(HELLO, "e", "1700000010.5"), opens=False)
    assert await fold((await store.events(THREAD))[-1]) == ChangeResult(again=True)
    (message,) = (await store.load(THREAD)).turns[0].messages
    assert (message.text, message.edited_ts) == ("e", "1700000010.5")


async def test_a_message_behind_its_deletion(store: RecordStore) -> None:
    """It is not received, whether it is in the inbox already or comes later."""
    for message, late in ((HELLO, False), (MORE, True)):
        await store.append(MessageDeleted(THREAD, message.ts, message), opens=True)
        number = await last(store)
        assert late or await store.append(MessageReceived(message), opens=False)
        assert await store.fold(THREAD, number, message.ts, Deleted(message.ts)) is None
        assert late or await store.receive(THREAD, await last(store), message) == ChangeResult()
        assert not await store.append(MessageReceived(message), opens=True)
        assert await received(store, replace(message, files=FILES)) == ChangeResult()
    assert (await store.waiting(THREAD)).messages == ()


async def test_a_deleted_message_does_not_come_back(store: RecordStore) -> None:
    """Neither by a second delivery nor by an edit that was made before."""
    await received(store, HELLO)
    await store.append(MessageDeleted(THREAD, HELLO.ts), opens=False)
    deleted = await store.fold(THREAD, await last(store), HELLO.ts, Deleted(HELLO.ts))
    assert deleted == ChangeResult(waiting=True)
    await store.append(edit(HELLO, "bye"), opens=False)
    change = Edited(edit(HELLO, "bye").message, "bye", wants_answer=True)
    assert await store.fold(THREAD, await last(store), HELLO.ts, change) == ChangeResult()
    await store.append(MessageDeleted(THREAD, HELLO.ts), opens=False)
    again = await store.fold(THREAD, await last(store), HELLO.ts, Deleted(HELLO.ts))
    assert again == ChangeResult()
    assert not await store.append(MessageReceived(HELLO), opens=True)
    (waiting,) = (await store.waiting(THREAD)).messages
    assert waiting.deleted
    assert waiting.message.markup == ""


async def test_a_press_counts_once(store: RecordStore) -> None:
    """Its identity outlasts the fold; another press of the same button is another one."""
    await received(store, HELLO)
    await answered(store, HELLO)
    for event in (press(), press("U9"), press(at="1700000099.000000"), STOP):
        assert await store.append(event, opens=False)
        rated = Rated(ANSWER, UserId("U2"), "good")
        assert await store.fold(THREAD, await last(store), ANSWER, rated) is not None
        assert not await store.append(event, opens=False)
    assert await store.feedback(TeamId("T1")) == {"good": 1, "bad": 0}


async def test_an_edit_may_come_again_once_it_is_folded_in(store: RecordStore) -> None:
    """Edits and deletions leave no identity behind: the fold does not mind them twice."""
    await received(store, HELLO)
    deletion = MessageDeleted(THREAD, HELLO.ts)
    change = Edited(edit(HELLO, "bye").message, "bye", wants_answer=True)
    for event, folded in ((edit(HELLO, "bye"), change), (deletion, Deleted(HELLO.ts))):
        for result in (ChangeResult(waiting=True), ChangeResult()):
            assert await store.append(event, opens=False)
            assert not await store.append(event, opens=False)
            assert await store.fold(THREAD, await last(store), HELLO.ts, folded) == result


async def test_what_is_gone_from_the_inbox_is_not_folded_in(store: RecordStore) -> None:
    """An event that was forgotten or folded in meanwhile does nothing."""
    await store.append(MessageReceived(HELLO), opens=True)
    number = await last(store)
    await store.forget_user(U1)
    assert await store.receive(THREAD, number, HELLO) == ChangeResult()
    assert await store.fold(THREAD, number, HELLO.ts, Deleted(HELLO.ts)) is None
    await store.discard(THREAD, number)
    assert await store.unanswered() == []
    assert await store.append(MessageReceived(HELLO), opens=True)


async def test_a_discarded_event_is_known(store: RecordStore) -> None:
    """It is not appended again, but its message may be received when it is edited."""
    for event in (MessageReceived(HELLO), STOP):
        await store.append(event, opens=True)
        await store.discard(THREAD, await last(store))
        assert not await store.append(event, opens=True)
    edited = edit(HELLO, "bye")
    await store.append(edited, opens=True)
    assert (await store.receive(THREAD, await last(store), edited.message)).received


async def test_a_forgotten_event_leaves_nothing(store: RecordStore, path: Path) -> None:
    """Where the bot is switched off no byte of a message stays in the files."""
    assert await received(store, MORE)
    before = keys_of(path)
    for event in (
        MessageReceived(replace(HELLO, markup="Rosebud")),
        MessageReceived(replace(HELLO, markup="Rosebud", files=FILES)),
        edit(HELLO, "Rosebud"),
        press(),
    ):
        assert await store.append(event, opens=True)
        assert keys_of(path) != before
        await store.discard(THREAD, await last(store), forget=True)
        assert keys_of(path) == before
    assert occurrences(path, "Rosebud") == 0
    await store.discard(THREAD, 99, forget=True)
    assert await store.events(THREAD) == []


POSTING = PostIntent(HELLO.ts, 0, since=HELLO.ts)


async def replies(store: RecordStore) -> list[tuple[tuple[Ts, ...], PostIntent | None]]:
    """The recorded replies to HELLO and MORE."""
    return [(each.reply_ts, each.posting) for each in (await store.waiting(THREAD)).messages]


async def test_a_shared_reply_is_recorded_for_all_that_share_it(store: RecordStore) -> None:
    """A message that left the turn of its reply keeps up with it; another reply is left alone."""
    for message in (HELLO, MORE):
        await received(store, message)
    assert await store.place([HELLO, MORE], (), POSTING) == ()
    assert await replies(store) == [((), POSTING)] * 2
    assert await store.place([HELLO], (Ts("1.0"),)) == ("1.0",)
    assert await replies(store) == [(("1.0",), None)] * 2
    await store.place([MORE], (Ts("1.0"), Ts("2.0")))
    assert await replies(store) == [(("1.0", "2.0"), None)] * 2
    await store.place([HELLO], ())
    assert await replies(store) == [((), None)] * 2
    await store.place([HELLO], (Ts("3.0"),))
    await store.place([MORE], (), POSTING)
    assert await replies(store) == [(("3.0",), None), ((), POSTING)]


async def test_a_stored_turn_keeps_its_reply(store: RecordStore) -> None:
    """A message that left the turn does not look for the turn's reply, nor write into it."""
    for message in (HELLO, MORE):
        await received(store, message)
    await store.place([HELLO, MORE], (), POSTING)
    (hello, _) = (await store.waiting(THREAD)).messages
    turn = Turn((UserMessage("Ann", "hello", HELLO.ts),))
    assert await store.commit(THREAD, Conversation((turn,)), 1, [hello])
    assert await replies(store) == [((), None)]


async def test_what_was_deleted_is_not_recorded_later(store: RecordStore) -> None:
    """The deletion of a message may arrive before the bot knows that it has posted it."""
    await received(store, HELLO)
    await fold_deletion(store, Ts("1.0"))
    assert await store.place([HELLO], (Ts("1.0"), Ts("2.0"))) == ("2.0",)
    assert await replies(store) == [(("2.0",), None)]
    await fold_deletion(store, Ts("2.0"))
    assert await store.place([HELLO], (Ts("2.0"),)) == ()
    assert await replies(store) == [((), None)]


async def test_a_deletion_before_the_commit_takes_the_answer_along(store: RecordStore) -> None:
    """A turn is not stored with a message that is gone: its answer is gone with it."""
    await received(store, HELLO)
    await store.place([HELLO], (Ts("1.0"), Ts("2.0")))
    await fold_deletion(store, Ts("1.0"))
    said = (UserMessage("Ann", "hello", HELLO.ts),)
    turn = Turn(said, Answer("Ahoy"), (Ts("1.0"), Ts("2.0")))
    waiting = (await store.waiting(THREAD)).messages
    assert await store.commit(THREAD, Conversation((turn,)), 1, waiting)
    assert (await store.load(THREAD)).turns == (Turn(said),)


async def test_a_post_of_a_regenerated_answer_is_recorded(store: RecordStore) -> None:
    """It stays recorded when somebody asks for the answer again, and goes with the new answer."""
    await received(store, HELLO)
    turn = Turn((UserMessage("Ann", "hello", HELLO.ts),), Answer("Ahoy"), (Ts("1.0"),))
    waiting = (await store.waiting(THREAD)).messages
    await store.commit(THREAD, Conversation((turn,)), 1, waiting)
    for presses in range(2):
        press = Press(THREAD, Ts("1.0"), UserId("U1"), "again", action_ts=Ts(f"4{presses}.0"))
        await store.append(ButtonPressed(press), opens=False)
        await store.fold(THREAD, await last(store), Ts("1.0"), Regenerated(Ts("1.0")))
        await store.place_again(THREAD, 0, (Ts("1.0"),), POSTING)
    assert (await store.waiting(THREAD)).again == (QueuedRegeneration(0, POSTING),)
    await fold_deletion(store, Ts("2.0"))
    assert await store.place_again(THREAD, 0, (Ts("1.0"), Ts("2.0"))) == ("1.0",)
    assert (await store.waiting(THREAD)).again == (QueuedRegeneration(0),)
    assert (await store.load(THREAD)).turns == (turn,)
    assert await store.rewrite(THREAD, 0, turn, turn)
    assert (await store.waiting(THREAD)).again == ()


async def fold_deletion(store: RecordStore, ts: Ts) -> None:
    """Somebody deletes one of the bot's messages."""
    await store.append(MessageDeleted(THREAD, ts), opens=False)
    await store.fold(THREAD, await last(store), ts, Deleted(ts))


async def test_a_deleted_message_of_the_reply_is_no_longer_recorded(store: RecordStore) -> None:
    """Every waiting message loses it, and keeps the other messages of its reply."""
    for message in (HELLO, MORE):
        await received(store, message)
    await store.place([HELLO], (Ts("1.0"), Ts("2.0")))
    await store.place([MORE], (Ts("1.0"),))
    await store.append(MessageDeleted(THREAD, Ts("1.0")), opens=False)
    result = await store.fold(THREAD, await last(store), Ts("1.0"), Deleted(Ts("1.0")))
    assert result is not None
    assert result.changed
    assert not result.waiting
    assert await events(store) == []
    places = [each.reply_ts for each in (await store.waiting(THREAD)).messages]
    assert places == [("2.0",), ()]


async def test_an_unreadable_event_does_not_block_the_others(
    store: RecordStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is set aside, the log names its key, and it counts as delivered."""
    for event in EVENTS[:3]:
        await store.append(event, opens=True)
    sql(path, """UPDATE store SET value = '{"v":4,"a":"secret"}' WHERE key LIKE 'inbox/%2/%'""")
    assert await events(store) == [EVENTS[0], EVENTS[2]]
    (line,) = caplog.records
    assert line.levelno == logging.ERROR
    assert f"inbox/T1/C1/{THREAD.ts}/000000000002/files/{MORE.ts}" in line.getMessage()
    assert "secret" not in caplog.text
    assert [key.split("/", 2)[2] for key in keys_of(path) if key.startswith("corrupt/")] == [
        f"inbox/T1/C1/{THREAD.ts}/000000000002/files/{MORE.ts}"
    ]
    assert await events(store) == [EVENTS[0], EVENTS[2]]
    assert len(caplog.records) == 1
    assert not await store.append(EVENTS[1], opens=True)


async def test_a_lost_count_goes_on(store: RecordStore, path: Path) -> None:
    """Where the last number can't be read, the next one follows those in the inbox."""
    for event in EVENTS[:2]:
        await store.append(event, opens=True)
    sql(path, "UPDATE store SET value = 'x' WHERE key = 'meta/inbox/T1'")
    await store.append(EVENTS[2], opens=True)
    assert [each.number for each in await store.events(THREAD)] == [1, 2, 3]


async def test_a_key_belongs_to_its_event(store: RecordStore, path: Path) -> None:
    """An event under another one's key is refused like noise."""
    await store.append(EVENTS[0], opens=True)
    sql(path, "UPDATE store SET key = replace(key, '000100/1', '000100/2') WHERE key LIKE 'inb%'")
    sql(path, "UPDATE store SET key = key || '9' WHERE key LIKE 'inbox/%'")
    assert await store.events(THREAD) == []

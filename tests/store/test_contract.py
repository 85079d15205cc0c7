"""What every store promises, whatever database it keeps."""

import asyncio
import time
from contextlib import suppress
from dataclasses import replace

import pytest

from slackbot.conversation.changes import Deleted, Edited, Rated, Regenerated
from slackbot.conversation.history import (
    Answer,
    Conversation,
    ToolCall,
    ToolRound,
    Turn,
    UserMessage,
)
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.inbox_events import MessageReceived
from slackbot.conversation.messages import Message, QueuedMessage, ThreadKey
from slackbot.errors import StoreError
from slackbot.instructions.revisions import ChangeRecord, SettingsChange
from slackbot.instructions.scopes import Scope
from slackbot.instructions.settings import NO_SETTINGS, ScopeSettings
from slackbot.store import RecordStore, open_store
from tests.store.rows import fold, receive, text_of, unanswered

C1 = ChannelId("C1")
T1 = TeamId("T1")
U1 = UserId("U1")
U2 = UserId("U2")

THREAD = ThreadKey(T1, C1, Ts("1700000000.000100"))
OTHER = ThreadKey(T1, C1, Ts("1700000000.000900"))
HELLO = Message(THREAD, THREAD.ts, U1, "<@UBOT> hello &amp; grüß Gott 👋")
MORE = Message(THREAD, Ts("1700000005.000000"), U2, "and this?")
ELSEWHERE = Message(OTHER, OTHER.ts, UserId("U3"), "something else")


def turn(number: int) -> Turn:
    return Turn((UserMessage("Ann", f"question {number}", user=U1),), Answer(f"answer {number}"))


def talk(turns: int) -> Conversation:
    return Conversation(names={U1: "Ann"}).add(*(turn(number) for number in range(turns)))


async def test_a_message_is_claimed_once(store: RecordStore) -> None:
    """Of any number of claims on a message, one succeeds."""
    claims = await asyncio.gather(*(receive(store, HELLO, opens=True) for _ in range(10)))
    assert sorted(claims) == [False] * 9 + [True]


async def test_an_answered_message_stays_claimed(store: RecordStore) -> None:
    """A delivery that comes after the answer finds the message taken."""
    await receive(store, HELLO, opens=True)
    await store.commit(THREAD, talk(1), 1, [QueuedMessage(HELLO)])
    assert not await receive(store, HELLO, opens=True)
    assert await unanswered(store) == []


async def test_identity_is_team_channel_and_ts(store: RecordStore) -> None:
    """The same ts in another channel or another team is another message."""
    channel = replace(HELLO, thread=replace(THREAD, channel=ChannelId("C2")))
    team = replace(HELLO, thread=replace(THREAD, team=TeamId("T2")))
    assert [await receive(store, message, opens=True) for message in (HELLO, channel, team)] == [
        True,
        True,
        True,
    ]


async def test_a_foreign_thread_is_left_alone(store: RecordStore) -> None:
    """A message that opens nothing, in a thread that is not the bot's, leaves no trace."""
    assert not await receive(store, MORE, opens=False)
    assert await unanswered(store) == []
    assert await receive(store, MORE, opens=True)


async def test_a_thread_is_the_bots_from_its_first_claim_on(store: RecordStore) -> None:
    """Once a message of a thread is claimed, the later ones need not open it; other threads do."""
    await receive(store, HELLO, opens=True)
    assert await receive(store, MORE, opens=False)
    assert not await receive(store, ELSEWHERE, opens=False)


async def test_what_was_claimed_awaits_its_answer(store: RecordStore) -> None:
    """Claimed messages are unanswered, as they came, oldest first."""
    for message in (ELSEWHERE, HELLO, MORE):
        await receive(store, message, opens=True)
    assert await unanswered(store) == [
        QueuedMessage(HELLO),
        QueuedMessage(MORE),
        QueuedMessage(ELSEWHERE),
    ]


async def test_a_place_belongs_to_the_messages_it_answers(store: RecordStore) -> None:
    """The place of a reply is kept with each message that it answers, the last one counts."""
    for message in (HELLO, ELSEWHERE, MORE):
        await receive(store, message, opens=True)
    await store.place([HELLO, MORE], (Ts("1700000009.000000"),))
    await store.place([HELLO, MORE], (Ts("1700000009.000000"), Ts("1700000010.000000")))
    assert await unanswered(store) == [
        QueuedMessage(HELLO, (Ts("1700000009.000000"), Ts("1700000010.000000"))),
        QueuedMessage(MORE, (Ts("1700000009.000000"), Ts("1700000010.000000"))),
        QueuedMessage(ELSEWHERE),
    ]


async def test_a_place_reopens_nothing(store: RecordStore) -> None:
    """A place that is recorded after the commit does not make the message unanswered again."""
    await receive(store, HELLO, opens=True)
    await store.commit(THREAD, talk(1), 1, [QueuedMessage(HELLO)])
    await store.place([HELLO], (Ts("1700000009.000000"),))
    assert await unanswered(store) == []


async def test_a_commit_closes_only_its_own_messages(store: RecordStore) -> None:
    """A message that came while the answer was written stays unanswered."""
    await receive(store, HELLO, opens=True)
    await receive(store, MORE, opens=False)
    await store.commit(THREAD, talk(1), 1, [QueuedMessage(HELLO)])
    assert await unanswered(store) == [QueuedMessage(MORE)]


async def test_a_message_that_arrives_after_it_was_read_in_slack(store: RecordStore) -> None:
    """It belongs to its own turn alone, which an edit changes."""
    await receive(store, MORE, opens=True)
    await receive(store, HELLO, opens=True)  # so late that the answer to MORE knows it already
    read = Turn((UserMessage("Ann", "hello", HELLO.ts, U1),))
    answered = Turn((UserMessage("Ben", "and this?", MORE.ts, U2),), Answer("this"))
    assert await store.commit(THREAD, Conversation().add(read, answered), 2, [QueuedMessage(MORE)])
    assert (await store.load(THREAD)).turns == (Turn(()), answered)
    edited = replace(HELLO, markup="<@UBOT> hello again", edited_ts=Ts("1700000006.000000"))
    change = await fold(store, THREAD, HELLO.ts, Edited(edited, "hello again", wants_answer=True))
    assert change is not None
    assert change.waiting
    assert await unanswered(store) == [QueuedMessage(edited)]


async def test_an_unknown_thread_is_an_empty_conversation(store: RecordStore) -> None:
    """A thread that nothing was said in, claimed or not, loads as an empty conversation."""
    assert await store.load(THREAD) == Conversation()
    await receive(store, HELLO, opens=True)
    assert await store.load(THREAD) == Conversation()


async def test_a_conversation_comes_back_as_it_was(store: RecordStore) -> None:
    """Turns, answers that are missing or broke off, names and figures survive being stored."""
    conversation = Conversation(
        turns=(
            Turn(
                (
                    UserMessage("Ann", "grüß Gott 👋", user=U1),
                    UserMessage("李", 'a "quoted" \x00 line\nand another', user=U2),
                )
            ),
            Turn(
                (UserMessage("Ann", "?"),),
                Answer("half an emoji \ud83d", "broken", refusal="I won't"),
            ),
            Turn((), Answer("", "length")),
        ),
        names={U1: "Ann", U2: "李"},
        tokens_per_byte=0.3125,
    )
    await store.commit(THREAD, conversation, 3, [])
    assert await store.load(THREAD) == conversation
    assert await store.load(OTHER) == Conversation()


async def test_a_conversation_grows_by_its_new_turns(store: RecordStore) -> None:
    """What is committed turn by turn loads as one conversation, in order."""
    for length in range(1, 13):
        await store.commit(THREAD, talk(length), 1, [])
    assert await store.load(THREAD) == talk(12)


async def test_only_the_turns_from_start_on_are_loaded(store: RecordStore) -> None:
    """Turns that are no longer sent no longer come, and the numbers go on."""
    await store.commit(THREAD, talk(5), 5, [])
    await store.commit(THREAD, talk(6).starting_at(4), 1, [])
    loaded = await store.load(THREAD)
    assert loaded == talk(6).starting_at(4)
    await store.commit(THREAD, loaded.add(turn(6)), 1, [])
    assert await store.load(THREAD) == talk(7).starting_at(4)


async def test_a_commit_may_add_nothing(store: RecordStore) -> None:
    """With no new turn a commit writes the header and closes the claims."""
    await receive(store, HELLO, opens=True)
    await store.commit(THREAD, talk(1), 1, [])
    await store.commit(THREAD, talk(1), 0, [QueuedMessage(HELLO)])
    assert await store.load(THREAD) == talk(1)
    assert await unanswered(store) == []


async def test_everything_is_there_after_reopening(url: str) -> None:
    """Claims, places and conversations outlast the process that stored them."""
    before = await open_store(url)
    for message in (HELLO, MORE, ELSEWHERE):
        await receive(before, message, opens=True)
    await before.commit(THREAD, talk(2), 2, [QueuedMessage(HELLO)])
    await before.place([MORE], (Ts("1700000009.000000"),))
    await before.close()

    after = await open_store(url)
    assert await after.load(THREAD) == talk(2)
    assert await unanswered(after) == [
        QueuedMessage(ELSEWHERE),
        QueuedMessage(MORE, (Ts("1700000009.000000"),)),
    ]
    assert not await receive(after, HELLO, opens=True)
    await after.close()


async def test_operations_happen_in_the_order_they_were_asked(store: RecordStore) -> None:
    """What is asked of a workspace without waiting is done one after the other."""
    *_, open_before, _, open_after = await asyncio.gather(
        store.append(MessageReceived(HELLO), opens=True),
        store.receive(THREAD, 1, HELLO),
        store.append(MessageReceived(MORE), opens=False),
        store.receive(THREAD, 2, MORE),
        store.unanswered(THREAD.team),
        store.commit(THREAD, talk(1), 1, [QueuedMessage(HELLO), QueuedMessage(MORE)]),
        store.unanswered(THREAD.team),
    )
    assert open_before == [THREAD]
    assert open_after == []


@pytest.mark.parametrize("moment", range(6))
async def test_cancellation_tears_nothing(store: RecordStore, moment: int) -> None:
    """Whenever the task that waits is cancelled, its operation has happened whole or not at all."""
    await receive(store, HELLO, opens=True)
    task = asyncio.create_task(store.commit(THREAD, talk(3), 3, [QueuedMessage(HELLO)]))
    for _ in range(moment):
        await asyncio.sleep(0)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert (await unanswered(store), await store.load(THREAD)) in [
        ([], talk(3)),
        ([QueuedMessage(HELLO)], Conversation()),
    ]


async def test_instructions_have_editions(store: RecordStore) -> None:
    """Each scope has its own, in order, with who and when; the last is found at once."""
    channel, thread = (
        Scope(T1, C1),
        Scope(T1, C1, Ts("1.0")),
    )
    assert await store.revisions(channel) == []
    assert await store.last_revision(channel) is None
    before = int(time.time())
    for number in range(12):
        assert await store.add_revision(
            channel, SettingsChange(U1, ScopeSettings(f"text {number}"), after=number)
        )
    assert await store.add_revision(channel, SettingsChange(U2, NO_SETTINGS, after=12, restores=0))
    assert await store.add_revision(thread, SettingsChange(U2, ScopeSettings("elsewhere"), after=0))
    revisions = await store.revisions(channel)
    assert [each.number for each in revisions] == list(range(1, 14))
    assert [text_of(each) for each in revisions] == [
        *(f"text {number}" for number in range(12)),
        None,
    ]
    assert all(before <= each.at <= time.time() for each in revisions)
    assert await store.last_revision(channel) == revisions[-1]
    assert revisions[-1].restores == 0
    assert (await store.revisions(Scope(T1))) == []


async def test_a_rating_while_an_answer_is_written_again(store: RecordStore) -> None:
    """It is kept when the messages of the new answer are recorded; the new answer has none yet."""
    said, reply = UserMessage("Ann", "hello", THREAD.ts, U1), Ts("1700000001.000100")
    before = Turn((said,), Answer("Hi"), (reply,))
    await store.commit(THREAD, Conversation((before,)), 1, [])
    await fold(store, THREAD, reply, Regenerated(reply))
    await fold(store, THREAD, reply, Rated(reply, U1, "good"))
    placed = replace(before, reply_ts=(reply, Ts("1700000002.000100")))
    await store.place_again(THREAD, 0, placed.reply_ts, None)
    assert (await store.load(THREAD)).turns == (replace(placed, feedback={U1: "good"}),)
    after = replace(placed, answer=Answer("Hello"))
    assert await store.rewrite(THREAD, 0, before, after)
    assert (await store.load(THREAD)).turns == (after,)


async def test_a_command_of_what_was_forgotten(store: RecordStore) -> None:
    """It sets nothing for its thread: the message that gave it is gone."""
    scope = Scope(THREAD.team, THREAD.channel, THREAD.ts)
    change = SettingsChange(U1, ScopeSettings("a secret"), after=0, request_ts=THREAD.ts)
    await receive(store, Message(THREAD, THREAD.ts, U1, "<@UBOT> instructions set a secret"))
    await store.forget_thread(THREAD.channel, THREAD.ts)
    assert not await store.add_revision(scope, change)
    assert await store.revisions(scope) == []


async def test_of_two_changes_at_once_one_counts(store: RecordStore) -> None:
    """An edition follows the one that its author had seen, or it is refused."""
    scope = Scope(T1)
    done = await asyncio.gather(
        *(
            store.add_revision(
                scope, SettingsChange(UserId(user), ScopeSettings(f"by {user}"), after=0)
            )
            for user in ("U1", "U2", "U3")
        )
    )
    assert done == [True, False, False]
    assert [text_of(each) for each in await store.revisions(scope)] == ["by U1"]


async def test_all_changes_have_an_order(store: RecordStore) -> None:
    """Whichever scope they were made for, with what was set before; the last are found at once."""
    workspace, channel, thread = (
        Scope(T1),
        Scope(T1, C1),
        Scope(T1, C1, Ts("1.0")),
    )
    await receive(store, Message(ThreadKey(T1, C1, Ts("1.0")), Ts("2"), U1, "a command"))
    for number, scope in enumerate((workspace, channel, thread, channel)):
        setup = ScopeSettings(f"text {number}", model="gpt-6-luna", prompts=("Hello?",))
        assert await store.add_revision(
            scope,
            SettingsChange(U1, setup, after=number == 3, request_ts=Ts(str(number))),
        )
    assert await store.add_revision(
        Scope(TeamId("T2")), SettingsChange(UserId(""), ScopeSettings(answering="never"), after=0)
    )
    changes = await store.change_records(T1)
    assert [each.scope for each in changes] == [workspace, channel, thread, channel]
    assert [each.revision.request_ts for each in changes] == ["0", "1", "2", "3"]
    assert changes[3].before == changes[1].revision.settings
    assert changes[0].before == changes[1].before == NO_SETTINGS
    assert await store.change_records(T1, 2) == changes[2:]
    assert await store.teams() == ["T1", "T2"]
    assert isinstance(changes[0], ChangeRecord)


async def test_what_is_set_where(store: RecordStore) -> None:
    """The last edition of the workspace and of each channel, where it sets anything."""
    for channel in ("", "C1", "C2"):
        await store.add_revision(
            Scope(T1, ChannelId(channel)),
            SettingsChange(U1, ScopeSettings(f"for {channel}"), after=0),
        )
    await store.add_revision(
        Scope(T1, C1),
        SettingsChange(U1, ScopeSettings("anew"), after=1),
    )
    await store.add_revision(Scope(T1, ChannelId("C2")), SettingsChange(U1, NO_SETTINGS, after=1))
    await store.add_revision(
        Scope(T1, ChannelId("C3"), Ts("1.0")),
        SettingsChange(U1, ScopeSettings("a thread's"), after=0),
    )
    await store.add_revision(
        Scope(TeamId("T10")), SettingsChange(U1, ScopeSettings("elsewhere"), after=0)
    )
    standing = await store.current_revisions(T1)
    assert {scope.channel: text_of(each) for scope, each in standing.items()} == {
        "": "for ",
        "C1": "anew",
    }


async def test_who_is_allowed(store: RecordStore) -> None:
    """People are named for one channel, and taken off its list again."""
    await store.allow(T1, C1, U2, may=True)
    await store.allow(T1, C1, U1, may=True)
    await store.allow(T1, C1, U1, may=True)
    assert await store.allowed(T1, C1) == ["U1", "U2"]
    assert await store.allowed(T1, ChannelId("C10")) == []
    await store.allow(T1, C1, U1, may=False)
    await store.allow(T1, C1, UserId("U9"), may=False)
    assert await store.allowed(T1, C1) == ["U2"]


async def test_a_check_leaves_nothing_behind(store: RecordStore) -> None:
    """A check can be repeated, and changes nothing."""
    await store.check()
    await store.check()
    assert await unanswered(store) == []


async def test_a_closed_store_says_so(url: str) -> None:
    """Closing twice is harmless; using the store afterwards is a StoreError."""
    store = await open_store(url)
    asked_before = asyncio.create_task(store.append(MessageReceived(HELLO), opens=True))
    await asyncio.sleep(0)
    await store.close()
    await store.close()
    assert await asked_before
    with pytest.raises(StoreError, match="closed"):
        await receive(store, MORE, opens=True)


KEY = HELLO.ts
DRAFT = Turn(
    (UserMessage("Ann", "hello", HELLO.ts),),
    tool_rounds=(
        ToolRound("", (ToolCall("1", "add", "{}"), ToolCall("2", "add")), {"1": "half \ud83d"}),
    ),
)


async def test_a_draft_is_kept_until_its_turn_is_stored(store: RecordStore) -> None:
    """The tools used for a turn are there after a crash, and gone with the commit."""
    await receive(store, HELLO, opens=True)
    assert await store.drafted(THREAD, KEY) is None
    await store.draft(THREAD, KEY, DRAFT, [QueuedMessage(HELLO)])
    assert await store.drafted(THREAD, KEY) == DRAFT
    assert await store.commit(THREAD, talk(1), 1, [QueuedMessage(HELLO)])
    assert await store.drafted(THREAD, KEY) is None


@pytest.mark.parametrize(
    "change",
    [Edited(replace(HELLO, markup="bye"), "bye", wants_answer=True), Deleted(HELLO.ts)],
)
async def test_a_draft_goes_with_its_question(store: RecordStore, change: Edited | Deleted) -> None:
    """Once a question has changed nothing is kept of what was done for it, nor kept late."""
    await receive(store, HELLO, opens=True)
    await store.draft(THREAD, KEY, DRAFT, [QueuedMessage(HELLO)])
    await fold(store, THREAD, HELLO.ts, change)
    assert await store.drafted(THREAD, KEY) is None
    await store.draft(THREAD, KEY, DRAFT, [QueuedMessage(HELLO)])
    assert await store.drafted(THREAD, KEY) is None


async def test_a_draft_of_a_turn_that_is_answered_anew(store: RecordStore) -> None:
    """It is kept without messages that wait, and gone when the new answer is stored."""
    await receive(store, HELLO, opens=True)
    await store.commit(THREAD, talk(1), 1, [QueuedMessage(HELLO)])
    answered = replace(turn(1), messages=DRAFT.messages)
    await store.commit(THREAD, talk(1).add(answered), 1, ())
    await store.draft(THREAD, "00000001", DRAFT, ())
    assert await store.drafted(THREAD, "00000001") == DRAFT
    await store.place_again(THREAD, 1, (Ts("1700000009.000000"),))
    assert await store.drafted(THREAD, "00000001") == DRAFT
    assert await store.rewrite(THREAD, 1, answered, answered)
    assert await store.drafted(THREAD, "00000001") is None


async def test_an_answer_is_written_again_once(store: RecordStore) -> None:
    """A thread is unfinished while an answer is to be written again, also after a restart, and
    finished when the new answer is stored.
    """
    asked = replace(turn(0), reply_ts=(Ts("1700000009.000000"),))
    await receive(store, HELLO, opens=True)
    await store.commit(THREAD, Conversation((asked,)), 1, [QueuedMessage(HELLO)])
    await fold(store, THREAD, asked.reply_ts[0], Regenerated(asked.reply_ts[0]))
    assert len((await store.waiting(THREAD)).again) == 1
    assert await store.unanswered() == [THREAD]
    assert await store.rewrite(THREAD, 0, asked, asked)
    assert (await store.waiting(THREAD)).again == ()
    assert await store.unanswered() == []


async def test_a_draft_outlasts_what_happens_to_others(store: RecordStore) -> None:
    """Another message of the thread may be edited, and another turn be stored."""
    await receive(store, HELLO, opens=True)
    await receive(store, MORE, opens=False)
    await store.draft(THREAD, KEY, DRAFT, [QueuedMessage(HELLO)])
    edited = replace(MORE, markup="or this?")
    await fold(store, THREAD, MORE.ts, Edited(edited, "or this?", wants_answer=True))
    assert await store.drafted(THREAD, KEY) == DRAFT
    assert await store.commit(THREAD, talk(1), 1, [QueuedMessage(edited)])
    assert await store.rewrite(THREAD, 0, turn(0), turn(0))
    assert await store.drafted(THREAD, KEY) == DRAFT


async def test_each_turn_has_a_draft_of_its_own(store: RecordStore) -> None:
    """What is kept for one turn of a thread is not written over by another, nor stored with it."""
    await receive(store, HELLO, opens=True)
    await receive(store, MORE, opens=False)
    other = Turn((UserMessage("Ben", "and this?", MORE.ts),), tool_rounds=DRAFT.tool_rounds)
    await store.commit(THREAD, talk(1), 1, ())
    await store.draft(THREAD, KEY, DRAFT, [QueuedMessage(HELLO)])
    await store.draft(THREAD, MORE.ts, other, [QueuedMessage(MORE)])
    await store.draft(THREAD, "00000000", turn(0), ())
    assert await store.drafted(THREAD, KEY) == DRAFT
    assert await store.commit(THREAD, talk(2), 1, [QueuedMessage(HELLO)], key=KEY)
    assert await store.drafted(THREAD, KEY) is None
    assert await store.drafted(THREAD, MORE.ts) == other
    edited = replace(MORE, markup="or this?")
    await fold(store, THREAD, MORE.ts, Edited(edited, "or this?", wants_answer=True))
    assert await store.drafted(THREAD, MORE.ts) is None
    assert await store.drafted(THREAD, "00000000") == turn(0)
    assert await store.rewrite(THREAD, 0, turn(0), turn(0))
    assert await store.drafted(THREAD, "00000000") is None


async def test_a_draft_is_forgotten(store: RecordStore) -> None:
    """It goes with the person who asked, and with the thread."""
    await receive(store, HELLO, opens=True)
    await store.draft(THREAD, KEY, DRAFT, [QueuedMessage(HELLO)])
    assert await store.drafted(THREAD, KEY) == DRAFT
    await store.forget_user(U1)
    assert await store.drafted(THREAD, KEY) is None
    await receive(store, HELLO, opens=True)
    await store.draft(THREAD, KEY, DRAFT, [QueuedMessage(HELLO)])
    assert await store.drafted(THREAD, KEY) == DRAFT
    await store.forget_channel(C1)
    assert await store.drafted(THREAD, KEY) is None


async def test_words_are_found_in_a_channel(store: RecordStore) -> None:
    """Turns that hold all the words, whoever said them, in any case; of that channel alone."""
    for thread in (
        THREAD,
        OTHER,
        replace(THREAD, channel=ChannelId("C2")),
        replace(THREAD, team=TeamId("T2")),
    ):
        await receive(store, replace(HELLO, thread=thread, ts=thread.ts), opens=True)
        await store.commit(thread, talk(3), 3, [])
    found = await store.search(T1, C1, ["QUESTION", "answer 2"], 10)
    assert found == [(THREAD, turn(2)), (OTHER, turn(2))]
    assert await store.search(T1, C1, ["question"], 2) == [
        (OTHER, turn(1)),
        (OTHER, turn(2)),
    ]
    assert await store.search(T1, C1, ["question", "nowhere"], 10) == []
    assert await store.search(T1, ChannelId("C"), ["question"], 10) == []


async def test_a_search_of_many_pages(store: RecordStore) -> None:
    """However much is stored, the newest are found."""
    await receive(store, HELLO, opens=True)
    await store.commit(THREAD, talk(1_200), 1_200, [QueuedMessage(HELLO)])
    found = await store.search(T1, C1, ["question"], 3)
    assert [each for _, each in found] == [turn(1_197), turn(1_198), turn(1_199)]

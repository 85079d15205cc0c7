"""The store next to dictionaries: whatever is done to both, they agree."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from tempfile import TemporaryDirectory
from typing import Any, get_args

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from slackbot.conversation.attachment import Attachment
from slackbot.conversation.changes import (
    Change,
    ChangeResult,
    Deleted,
    Edited,
    FilesAdded,
    Rated,
    Regenerated,
    cause_of,
)
from slackbot.conversation.controls import Press
from slackbot.conversation.history import Answer, Conversation, Rating, Turn, UserMessage
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
from slackbot.conversation.messages import Message, QueuedMessage, RegenerationCause, ThreadKey
from slackbot.store import open_store
from tests.reused_databases import ReusedDatabases

THREAD = ThreadKey(TeamId("T1"), ChannelId("C1"), Ts("1700000000.000001"))
MESSAGES = tuple(
    Message(THREAD, Ts(f"1700000000.00000{number}"), UserId("U1"), f"message {number}")
    for number in (1, 2)
)
PLACES = tuple(Ts(f"1800000000.00000{number}") for number in (1, 2))

messages = st.sampled_from(MESSAGES)
texts = st.sampled_from(["one", "two \ud83d", ""])
places = st.lists(st.sampled_from(PLACES), max_size=2, unique=True).map(tuple)
delivered = st.builds(
    replace, messages, files=st.sampled_from([(), (Attachment("F1", "photo.png"),)])
)
edited = st.builds(
    replace,
    messages,
    markup=texts,
    edited_ts=st.sampled_from(["", "999.9", "1700000010.0", "1700000010.000000", "1700000011.5"]),
)
events: st.SearchStrategy[InboxEvent] = st.one_of(
    st.builds(MessageReceived, delivered),
    st.builds(MessageEdited, edited, messages),
    st.builds(
        MessageDeleted,
        st.just(THREAD),
        st.sampled_from([*(message.ts for message in MESSAGES), *PLACES]),
    ),
    st.builds(
        ButtonPressed,
        st.builds(
            Press,
            st.just(THREAD),
            st.sampled_from(PLACES),
            st.sampled_from("AB"),
            st.sampled_from(["good", "bad", "again"]),
            st.just(""),
            st.sampled_from(["1.0", "2.0"]),
        ),
    ),
    st.builds(StopRequested, st.just(THREAD), st.sampled_from("AB"), st.just("3.0")),
)


@dataclass
class Thread:
    """What the store should know of the thread."""

    ours: bool = False
    """A message of it was received, or a turn stored."""
    inbox: dict[int, InboxEvent] = field(default_factory=dict)
    """By number."""
    seen: set[str] = field(default_factory=set)
    """Identities that outlast the inbox, but for those of new messages without files."""
    received: dict[str, bool] = field(default_factory=dict)
    """Of the messages that were delivered, by ts: whether they were received, or deleted before."""
    turns: list[Turn] = field(default_factory=list)
    start: int = 0
    open: dict[str, QueuedMessage] = field(default_factory=dict)
    """By ts."""
    again: dict[int, RegenerationCause] = field(default_factory=dict)
    unless: dict[int, set[str]] = field(default_factory=dict)
    """The messages that waited when such a turn's question was edited: it stays as it is once one
    of them is answered."""
    deleted: set[str] = field(default_factory=set)

    @property
    def again_now(self) -> list[int]:
        """Those for which nothing is waited for."""
        waiting = {*self.open}
        return sorted(each for each in self.again if not self.unless[each] & waiting)

    def turn_of(self, ts: str) -> int | None:
        """The number of the last turn that a message belongs to."""
        numbers = [
            number
            for number, turn in enumerate(self.turns)
            if ts in turn.reply_ts or ts in {said.ts for said in turn.messages}
        ]
        return numbers[-1] if numbers else None


class StoreBesideDictionaries(RuleBasedStateMachine):
    """Any sequence of events, commits, changes and restarts leaves what dictionaries would hold."""

    def __init__(self, address: str = "") -> None:
        """`address` is that of an empty database; "" stands for a new file."""
        super().__init__()
        self.folder = TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.address = address or f"sqlite:///{self.folder.name}/slackbot.db"
        self.store = self.runner.run(open_store(self.address))
        self.known = Thread()
        self.appended = 0
        self.feedback: Counter[Rating] = Counter()

    @rule(delivered=st.lists(events, min_size=1, max_size=6), opens=st.booleans())
    def deliver(self, delivered: list[InboxEvent], *, opens: bool) -> None:
        for event in delivered:
            self._append(event, opens=opens)

    def _append(self, event: InboxEvent, *, opens: bool) -> None:
        known = self.known
        appends = not self._was_appended(event, opens=opens) and bool(
            opens or known.ours or known.inbox
        )
        assert self.runner.run(self.store.append(event, opens=opens)) == appends
        if not appends:
            return
        self.appended += 1
        known.inbox[self.appended] = event
        if isinstance(event, MessageReceived):
            known.received.setdefault(event.message.ts, False)
        if event.identity.partition("/")[0] in ("files", "press", "stop"):
            known.seen.add(event.identity)

    @precondition(lambda self: self._events(MessageReceived, MessageEdited))
    @rule(data=st.data())
    def receive(self, data: st.DataObject) -> None:
        """A message, or an edit that came before it."""
        number, event = data.draw(st.sampled_from(self._events(MessageReceived, MessageEdited)))
        assert isinstance(event, MessageReceived | MessageEdited)
        message = event.message
        receiving = self.store.receive(THREAD, number, message)
        known, got = self.known, self.runner.run(receiving)
        del known.inbox[number]
        if not known.received.get(message.ts, False):
            self._receive(message)
            assert got == ChangeResult(waiting=True, received=True)
        elif message.files:
            assert got == self._changed(message.ts, FilesAdded(message))
        else:
            assert got == ChangeResult()

    @precondition(lambda self: self._events(MessageEdited, MessageDeleted, ButtonPressed))
    @rule(data=st.data(), wanted=st.booleans())
    def fold(self, data: st.DataObject, *, wanted: bool) -> None:
        """What an event changes."""
        foldable = self._events(MessageEdited, MessageDeleted, ButtonPressed)
        number, event = data.draw(st.sampled_from(foldable))
        self._fold(number, event, wanted=wanted)

    @precondition(lambda self: self.known.turns)
    @rule(edited=edited, wanted=st.booleans())
    def edit(self, edited: Message, *, wanted: bool) -> None:
        """An edit that is folded in at once."""
        before = self.appended
        event = MessageEdited(edited, edited)
        self._append(event, opens=False)
        if self.appended > before:
            self._fold(self.appended, event, wanted=wanted)

    @rule(message=messages, text=texts)
    def ask(self, message: Message, text: str) -> None:
        """A message that is received at once, and perhaps answered."""
        before = self.appended
        self._append(MessageReceived(message), opens=True)
        if self.appended > before and not self.known.received.get(message.ts):
            receiving = self.store.receive(THREAD, self.appended, message)
            assert self.runner.run(receiving) == ChangeResult(waiting=True, received=True)
            del self.known.inbox[self.appended]
            self._receive(message)
        if text:
            free = [ts for ts in PLACES if self.known.turn_of(ts) is None]
            self.commit(text, tuple(free[:1]), spoilt=False)

    def _fold(self, number: int, event: InboxEvent, *, wanted: bool) -> None:
        change: Change
        match event:
            case MessageEdited(message=message):
                ts, change = message.ts, Edited(message, message.markup, wanted)
            case MessageDeleted(ts=ts):
                change = Deleted(ts)
            case ButtonPressed(press=Press(ts=ts, button="again")):
                change = Regenerated(ts)
            case ButtonPressed(press=Press(ts=ts, user=user, button="good" | "bad" as rating)):
                change = Rated(ts, user, rating)
            case _:
                raise AssertionError(event)
        expected = self._changed(ts, change)
        changed = self.runner.run(self.store.fold(THREAD, number, ts, change))
        assert (changed or ChangeResult()) == expected
        del self.known.inbox[number]
        if isinstance(change, Deleted):
            self.known.received[ts] = True
            self.known.deleted.add(ts)
            for key, waiting in self.known.open.items():
                left = tuple(each for each in waiting.reply_ts if each != ts)
                self.known.open[key] = replace(waiting, reply_ts=left)

    @precondition(lambda self: self.known.inbox)
    @rule(data=st.data(), forget=st.booleans())
    def discard(self, data: st.DataObject, *, forget: bool) -> None:
        """Nothing becomes of an event; once it is forgotten, it may come again."""
        number, event = data.draw(st.sampled_from(self._events(InboxEvent)))
        self.runner.run(self.store.discard(THREAD, number, forget=forget))
        known = self.known
        del known.inbox[number]
        if forget:
            known.seen.discard(event.identity)
            if isinstance(event, MessageReceived) and not known.received.get(event.message.ts):
                known.received.pop(event.message.ts, None)

    @rule(number=st.integers(1, 40), message=messages)
    def take_what_is_gone(self, number: int, message: Message) -> None:
        """A number that is not in the inbox changes nothing."""
        if number not in self.known.inbox:
            receiving = self.store.receive(THREAD, number, message)
            assert self.runner.run(receiving) == ChangeResult()
            folding = self.store.fold(THREAD, number, message.ts, Deleted(message.ts))
            assert self.runner.run(folding) is None

    @rule(answered=st.sets(messages, min_size=1), place=places)
    def place(self, answered: set[Message], place: tuple[Ts, ...]) -> None:
        """All that share a reply share the new one."""
        open_, kept = self.known.open, tuple(ts for ts in place if ts not in self.known.deleted)
        assert self.runner.run(self.store.place(list(answered), place)) == kept
        theirs = {message.ts for message in answered} & open_.keys()
        shared = {reply for ts in theirs for reply in open_[ts].reply_ts}
        for ts, each in open_.items():
            if ts in theirs or shared.intersection(each.reply_ts):
                open_[ts] = replace(each, reply_ts=kept)

    @rule(text=texts, place=places, spoilt=st.booleans())
    def commit(self, text: str, place: tuple[Ts, ...], *, spoilt: bool) -> None:
        """Also one that read what has changed since."""
        known = self.known
        heard = list(known.open.values())
        said = tuple(
            UserMessage("Ann", each.message.markup, each.message.ts, UserId("U1")) for each in heard
        )
        turn = Turn(said, Answer(text), tuple(ts for ts in place if known.turn_of(ts) is None))
        conversation = Conversation((*known.turns[known.start :], turn), known.start)
        if spoilt and heard:
            heard[0] = replace(heard[0], deleted=not heard[0].deleted)
        stored = self.runner.run(self.store.commit(THREAD, conversation, 1, heard))
        assert stored == (not spoilt or not heard)
        if stored:
            known.ours = True
            known.turns.append(Turn(said) if known.deleted.intersection(turn.reply_ts) else turn)
            if turn.reply_ts:
                kept = [each for each in known.again if not known.unless[each] & {*known.open}]
                known.again = {each: known.again[each] for each in kept}
            known.open.clear()

    @precondition(lambda self: self.known.start < len(self.known.turns))
    @rule()
    def begin_later(self) -> None:
        """The first turn is no longer sent."""
        self.known.start += 1
        shorter = Conversation(tuple(self.known.turns[self.known.start :]), self.known.start)
        assert self.runner.run(self.store.commit(THREAD, shorter, 0, []))

    @precondition(lambda self: self.known.again_now)
    @rule(place=places)
    def place_again(self, place: tuple[Ts, ...]) -> None:
        """The reply of a turn that is being answered again."""
        known, number = self.known, self.known.again_now[0]
        others = [turn for turn in known.turns if turn is not known.turns[number]]
        place = tuple(ts for ts in place if all(ts not in turn.reply_ts for turn in others))
        kept = tuple(ts for ts in place if ts not in known.deleted)
        assert self.runner.run(self.store.place_again(THREAD, number, place)) == kept
        known.turns[number] = replace(known.turns[number], reply_ts=kept)

    @precondition(lambda self: self.known.again_now)
    @rule(text=texts, spoilt=st.booleans())
    def rewrite(self, text: str, *, spoilt: bool) -> None:
        """Also one that read what has changed since."""
        number = self.known.again_now[0]
        before = self.known.turns[number]
        after = replace(before, answer=Answer(text), feedback={})
        read = (
            replace(before, messages=(*before.messages, UserMessage("Ben", "more")))
            if spoilt
            else before
        )
        rewriting = self.store.rewrite(THREAD, number, read, after)
        assert self.runner.run(rewriting) != spoilt
        if not spoilt:
            self.known.turns[number] = after
            del self.known.again[number]

    @rule()
    def restart(self) -> None:
        self.runner.run(self.store.close())
        self.store = self.runner.run(open_store(self.address))

    @invariant()
    def agree(self) -> None:
        known = self.known
        busy = [THREAD] if known.open or known.again or known.inbox else []
        assert self.runner.run(self.store.unanswered()) == busy
        stored = self.runner.run(self.store.events(THREAD))
        assert stored == [StoredEvent(number, event) for number, event in known.inbox.items()]
        waiting = self.runner.run(self.store.waiting(THREAD))
        assert waiting.messages == tuple(known.open[ts] for ts in sorted(known.open))
        again = {each.number: each.cause for each in waiting.again}
        assert again == {number: known.again[number] for number in known.again_now}
        assert [*again] == known.again_now
        loaded = self.runner.run(self.store.load(THREAD))
        assert (loaded.start, loaded.turns) == (known.start, tuple(known.turns[known.start :]))
        for number in known.again:
            until = self.runner.run(self.store.load(THREAD, until=number))
            first = known.start if number >= known.start else 0
            assert until.turns == tuple(known.turns[first : number + 1])
        counted = self.runner.run(self.store.feedback(THREAD.team))
        assert counted == {"good": self.feedback["good"], "bad": self.feedback["bad"]}

    def _receive(self, message: Message) -> None:
        self.known.ours = True
        self.known.received[message.ts] = True
        self.known.open[message.ts] = QueuedMessage(message)

    def _was_appended(self, event: InboxEvent, *, opens: bool) -> bool:
        if (
            isinstance(event, MessageReceived)
            and not event.message.files
            and not (opens and self._was_only_read(event.message))
        ):
            return event.message.ts in self.known.received
        waiting = {each.identity for each in self.known.inbox.values()}
        return event.identity in self.known.seen | waiting

    def _was_only_read(self, message: Message) -> bool:
        number = None if message.ts in self.known.open else self.known.turn_of(message.ts)
        if number is None:
            return False
        return self.known.turns[number].was_only_read(message.ts, message.edited_ts)

    def _events(self, *kinds: Any) -> list[tuple[int, InboxEvent]]:
        """Those in the inbox that are of these kinds, by number."""
        return [each for each in self.known.inbox.items() if isinstance(each[1], kinds)]

    def _changed(self, ts: str, change: Change) -> ChangeResult:
        known = self.known
        if ts in known.open:
            before, known.open[ts] = known.open[ts], change.to_waiting(known.open[ts])
            return ChangeResult(waiting=known.open[ts] != before)
        number = known.turn_of(ts)
        if number is None:
            return ChangeResult()
        turn = known.turns[number]
        after = change.to_turn(turn)
        answered = any(each.messages and each.reply_ts for each in known.turns[number + 1 :])
        again = change.again(turn, last=not answered)
        if after == turn and not again:
            return ChangeResult()
        known.turns[number] = after
        waiting = {key for key, each in known.open.items() if not each.deleted}
        unless = set() if isinstance(change, Regenerated) else waiting
        if again:
            first = known.unless[number] if number in known.again else unless
            known.unless[number] = first if unless else set()
            causes = {cause_of(change, turn), known.again.get(number, "pressed")}
            known.again[number] = max(causes, key=get_args(RegenerationCause).index)
        for user, verdict in after.feedback.items():
            self.feedback[verdict] += 1
            self.feedback[turn.feedback.get(user, verdict)] -= user in turn.feedback
        return ChangeResult(again=again and not unless)

    def teardown(self) -> None:
        self.runner.run(self.store.close())
        self.runner.close()
        self.folder.cleanup()


StoreBesideDictionaries.TestCase.settings = settings(
    max_examples=120, stateful_step_count=30, deadline=None
)
TestStoreBesideDictionaries = pytest.mark.timeout(240)(StoreBesideDictionaries.TestCase)


@pytest.mark.timeout(240)
def test_postgres_beside_dictionaries(postgres: ReusedDatabases) -> None:
    """The same sequences in PostgreSQL."""

    class PostgresBesideDictionaries(StoreBesideDictionaries):
        def __init__(self) -> None:
            super().__init__(postgres.create_database())

        def teardown(self) -> None:
            super().teardown()
            postgres.take_back()

    run_state_machine_as_test(
        PostgresBesideDictionaries,
        settings=settings(max_examples=15, stateful_step_count=30, deadline=None),
    )

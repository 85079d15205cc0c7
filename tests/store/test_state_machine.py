"""The store beside dictionaries: whatever is done to both, they agree."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from slackbot.conversation.changes import Change, ChangeResult, Deleted, Edited, Rated, Regenerated
from slackbot.conversation.history import Answer, Conversation, Rating, Turn, UserMessage
from slackbot.conversation.messages import Message, QueuedMessage, ThreadKey
from slackbot.store.sqlite import SqliteStore

THREAD = ThreadKey("T1", "C1", "1700000000.000001")
MESSAGES = tuple(
    Message(THREAD, f"1700000000.00000{number}", "U1", f"message {number}") for number in (1, 2, 3)
)
PLACES = tuple(f"1800000000.00000{number}" for number in (1, 2, 3))

messages = st.sampled_from(MESSAGES)
texts = st.sampled_from(["one", "two \ud83d", ""])
places = st.lists(st.sampled_from(PLACES), max_size=2, unique=True).map(tuple)


@dataclass
class Thread:
    """What the store should know of the thread."""

    turns: list[Turn] = field(default_factory=list)
    start: int = 0
    open: dict[str, QueuedMessage] = field(default_factory=dict)
    """By ts."""
    again: set[int] = field(default_factory=set)

    def turn_of(self, ts: str) -> int | None:
        """The number of the last turn that a message belongs to."""
        numbers = [
            number
            for number, turn in enumerate(self.turns)
            if ts in turn.place or ts in {said.ts for said in turn.said}
        ]
        return numbers[-1] if numbers else None


class StoreBesideDictionaries(RuleBasedStateMachine):
    """Any sequence of claims, commits, changes and restarts leaves what dictionaries would hold."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.path = Path(self.folder.name) / "slackbot.db"
        self.store = self.runner.run(SqliteStore.open(self.path))
        self.claimed: set[str] = set()
        self.known = Thread()
        self.feedback: Counter[Rating] = Counter()

    @rule(message=messages, opens=st.booleans())
    def claim(self, message: Message, *, opens: bool) -> None:
        known = self.claimed or self.known.turns
        takes = message.ts not in self.claimed and (opens or bool(known))
        assert self.runner.run(self.store.claim(message, opens=opens)) == takes
        if takes:
            self.claimed.add(message.ts)
            self.known.open[message.ts] = QueuedMessage(message)

    @rule(answered=st.sets(messages), place=places)
    def place(self, answered: set[Message], place: tuple[str, ...]) -> None:
        self.runner.run(self.store.place(list(answered), place))
        for ts in {message.ts for message in answered} & self.known.open.keys():
            self.known.open[ts] = replace(self.known.open[ts], place=place)

    @rule(text=texts, place=places, spoilt=st.booleans())
    def commit(self, text: str, place: tuple[str, ...], *, spoilt: bool) -> None:
        """Also one that read what has changed since."""
        known = self.known
        heard = list(known.open.values())
        said = tuple(
            UserMessage("Ann", each.message.markup, each.message.ts, "U1") for each in heard
        )
        turn = Turn(said, Answer(text), tuple(ts for ts in place if known.turn_of(ts) is None))
        conversation = Conversation((*known.turns[known.start :], turn), known.start)
        if spoilt and heard:
            heard[0] = replace(heard[0], withdrawn=not heard[0].withdrawn)
        stored = self.runner.run(self.store.commit(THREAD, conversation, 1, heard))
        assert stored == (not spoilt or not heard)
        if stored:
            known.turns.append(turn)
            known.open.clear()

    @precondition(lambda self: self.known.start < len(self.known.turns))
    @rule()
    def begin_later(self) -> None:
        """The first turn is no longer sent."""
        self.known.start += 1
        shorter = Conversation(tuple(self.known.turns[self.known.start :]), self.known.start)
        assert self.runner.run(self.store.commit(THREAD, shorter, 0, []))

    @rule(message=messages, text=texts, wanted=st.booleans())
    def edit(self, message: Message, text: str, *, wanted: bool) -> None:
        self._change(message.ts, Edited(replace(message, markup=text), text, wanted))

    @rule(ts=st.sampled_from([*(message.ts for message in MESSAGES), *PLACES]))
    def delete(self, ts: str) -> None:
        self._change(ts, Deleted(ts))

    @rule(
        ts=st.sampled_from(PLACES),
        user=st.sampled_from("AB"),
        verdict=st.sampled_from(["good", "bad"]),
    )
    def rate(self, ts: str, user: str, verdict: Rating) -> None:
        self._change(ts, Rated(ts, user, verdict))

    @rule(ts=st.sampled_from(PLACES))
    def want_another(self, ts: str) -> None:
        self._change(ts, Regenerated(ts))

    @precondition(lambda self: self.known.again)
    @rule(text=texts, done=st.booleans(), spoilt=st.booleans())
    def rewrite(self, text: str, *, done: bool, spoilt: bool) -> None:
        """Also one that read what has changed since."""
        number = min(self.known.again)
        before = self.known.turns[number]
        after = replace(before, answer=Answer(text), feedback={})
        read = (
            replace(before, said=(*before.said, UserMessage("Ben", "more"))) if spoilt else before
        )
        rewriting = self.store.rewrite(THREAD, number, read, after, done=done)
        assert self.runner.run(rewriting) != spoilt
        if not spoilt:
            self.known.turns[number] = after
            self.known.again -= {number} if done else set()

    @rule()
    def restart(self) -> None:
        self.runner.run(self.store.close())
        self.store = self.runner.run(SqliteStore.open(self.path))

    @invariant()
    def agree(self) -> None:
        known = self.known
        busy = [THREAD] if known.open or known.again else []
        assert self.runner.run(self.store.unanswered()) == busy
        waiting = self.runner.run(self.store.waiting(THREAD))
        assert waiting.messages == tuple(known.open[ts] for ts in sorted(known.open))
        assert waiting.again == tuple(sorted(known.again))
        loaded = self.runner.run(self.store.load(THREAD))
        assert (loaded.start, loaded.turns) == (known.start, tuple(known.turns[known.start :]))
        for number in known.again:
            until = self.runner.run(self.store.load(THREAD, until=number))
            first = known.start if number >= known.start else 0
            assert until.turns == tuple(known.turns[first : number + 1])
        counted = self.runner.run(self.store.feedback(THREAD.team))
        assert counted == {"good": self.feedback["good"], "bad": self.feedback["bad"]}

    def _change(self, ts: str, change: Change) -> None:
        expected = self._changed(ts, change)
        changed = self.runner.run(self.store.change(THREAD, ts, change))
        assert (
            changed or ChangeResult()
        ) == expected  # whether it is remembered at all is no matter

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
        answered = any(each.said and each.place for each in known.turns[number + 1 :])
        again = change.again(turn, last=not answered and not known.open)
        if after == turn and not again:
            return ChangeResult()
        known.turns[number] = after
        known.again |= {number} if again else set()
        for user, verdict in after.feedback.items():
            self.feedback[verdict] += 1
            self.feedback[turn.feedback.get(user, verdict)] -= user in turn.feedback
        return ChangeResult(again=again)

    def teardown(self) -> None:
        self.runner.run(self.store.close())
        self.runner.close()
        self.folder.cleanup()


StoreBesideDictionaries.TestCase.settings = settings(
    max_examples=80, stateful_step_count=30, deadline=None
)
TestStoreBesideDictionaries = pytest.mark.timeout(240)(StoreBesideDictionaries.TestCase)

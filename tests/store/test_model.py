"""The store beside a dictionary: whatever is done to both, they agree."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from slackbot.conversation import Answer, Conversation, Message, Said, ThreadKey, Turn, Unanswered
from slackbot.store.sqlite import SqliteStore

THREADS = tuple(ThreadKey(team, "C1", "1700000000.000001") for team in ("T1", "T10"))
MESSAGES = tuple(
    Message(thread, f"1700000000.00000{number}", "U1", f"message {number}")
    for thread in THREADS
    for number in range(1, 5)
)

messages = st.sampled_from(MESSAGES)
threads = st.sampled_from(THREADS)


class StoreBesideDictionary(RuleBasedStateMachine):
    """Any sequence of claims, places, commits and restarts leaves what a dictionary would hold."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.path = Path(self.folder.name) / "slackbot.db"
        self.store = self.runner.run(SqliteStore.open(self.path))
        self.claimed: set[Message] = set()
        self.open: dict[Message, tuple[str, ...]] = {}
        self.said: dict[ThreadKey, Conversation] = {}

    @rule(message=messages, opens=st.booleans())
    def claim(self, message: Message, *, opens: bool) -> None:
        takes = message not in self.claimed and (opens or message.thread in self.said)
        assert self.runner.run(self.store.claim(message, opens=opens)) == takes
        if takes:
            self.claimed.add(message)
            self.open[message] = ()
            self.said.setdefault(message.thread, Conversation())

    @rule(answered=st.sets(messages), place=st.lists(st.text(), max_size=2).map(tuple))
    def place(self, answered: set[Message], place: tuple[str, ...]) -> None:
        self.runner.run(self.store.place(list(answered), place))
        self.open.update((message, place) for message in answered & self.open.keys())

    @rule(thread=threads, texts=st.lists(st.text(st.characters()), max_size=3))
    def commit(self, thread: ThreadKey, texts: list[str]) -> None:
        answered = [message for message in self.open if message.thread == thread]
        conversation = self.said.get(thread, Conversation()).add(
            *(Turn((Said("Ann", text),), Answer(text)) for text in texts)
        )
        self.runner.run(self.store.commit(thread, conversation, len(texts), answered))
        self.said[thread] = conversation
        for message in answered:
            del self.open[message]

    @rule(thread=threads)
    def forget_the_beginning(self, thread: ThreadKey) -> None:
        conversation = self.said.get(thread, Conversation())
        if conversation.turns:
            shorter = conversation.starting_at(conversation.start + 1)
            self.runner.run(self.store.commit(thread, shorter, 0, []))
            self.said[thread] = shorter

    @rule()
    def restart(self) -> None:
        self.runner.run(self.store.close())
        self.store = self.runner.run(SqliteStore.open(self.path))

    @invariant()
    def agree(self) -> None:
        found = {waiting.message: waiting.place for waiting in self._unanswered()}
        assert found == self.open
        for thread in THREADS:
            loaded = self.runner.run(self.store.load(thread))
            assert loaded == self.said.get(thread, Conversation())

    def _unanswered(self) -> list[Unanswered]:
        found = self.runner.run(self.store.unanswered())
        assert [waiting.message.ts for waiting in found] == sorted(
            waiting.message.ts for waiting in found
        )
        return found

    def teardown(self) -> None:
        self.runner.run(self.store.close())
        self.runner.close()
        self.folder.cleanup()


StoreBesideDictionary.TestCase.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None
)
TestStoreBesideDictionary = StoreBesideDictionary.TestCase

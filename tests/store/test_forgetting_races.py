"""Whatever is forgotten while a turn runs stays forgotten: its texts are in no byte of the file."""

import asyncio
import time
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from slackbot.conversation.changes import Edited, Rated, Regenerated
from slackbot.conversation.controls import Press
from slackbot.conversation.deltas import TextDelta, ToolResultDelta, ToolRoundDelta
from slackbot.conversation.draft import Draft
from slackbot.conversation.history import ToolCall
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.inbox_events import ButtonPressed, MessageEdited, MessageReceived
from slackbot.conversation.messages import Message, ThreadKey
from slackbot.conversation.post_intent import PostIntent, StreamBeginning
from slackbot.instructions.revisions import SettingsChange
from slackbot.instructions.scopes import Scope
from slackbot.instructions.settings import ScopeSettings
from slackbot.store.archive import ConversationTable
from slackbot.store.drafts import DraftTable
from slackbot.store.forgetting import STEP_SECONDS, DataDeletion, Steps
from slackbot.store.revisions import RevisionTable
from slackbot.store.sqlite import SqliteStore
from slackbot.store.sqlite.table import SqliteTable
from slackbot.store.thread_deletion import ThreadDeletion
from slackbot.turns.pending_turn import PendingTurn
from slackbot.turns.question_turn import QuestionTurn
from slackbot.turns.regenerated_turn import RegeneratedTurn
from slackbot.turns.transcript import Transcript
from slackbot.turns.turn_selection import next_messages
from tests.store.rows import content_of

TEAM, CHANNEL = TeamId("T1"), ChannelId("C1")
THREADS = tuple(
    ThreadKey(TEAM, channel, Ts(f"170000000{number}.000000"))
    for number, channel in enumerate((CHANNEL, ChannelId("C2")))
)
USERS = (UserId("UANA"), UserId("UBEN"))
ME = UserId("UBOT")

T = TypeVar("T")

Target = Literal["user", "thread", "channel", "team"]

threads = st.sampled_from([THREADS[0], THREADS[0], THREADS[1]])
users = st.sampled_from(USERS)
targets: st.SearchStrategy[Target] = st.sampled_from(["user", "user", "thread", "channel", "team"])


class People:
    """What Slack knows of people; nothing was said before the bot came."""

    async def display_name(self, user: UserId) -> str | None:
        return name_of(user)

    async def mention_name(
        self,
        mentioned: str,
        here: ChannelId,  # noqa: ARG002 - nothing is private
        reader: UserId = UserId(""),  # noqa: ARG002 - nor is anything hidden
    ) -> str | None:
        return f"name-of-{mentioned}"

    async def history(self, thread: ThreadKey, *, before: Ts, newest: int) -> list[Message]:  # noqa: ARG002 - there is none
        return []


@dataclass
class Secret:
    """A text that was said, or that repeats one that was."""

    text: str
    thread: ThreadKey
    people: set[UserId]
    forgotten: bool = False


@dataclass
class Running:
    """A turn that is being taken, with what its answer repeats."""

    turn: PendingTurn
    draft: Draft
    secret: Secret
    calls: "count[int]" = field(default_factory=count)


def name_of(user: UserId) -> str:
    return f"Name-of-{user}"


class ForgettingBesideTurns(RuleBasedStateMachine):
    """Events, turns with tools, edits, ratings and commands, and deletions in between."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.path = Path(self.folder.name) / "slackbot.db"
        self.store = self.runner.run(SqliteStore.open(self.path))
        self.transcript = Transcript(People(), ME)
        self.numbers = count(1)
        self.secrets: list[Secret] = []
        self.running: dict[ThreadKey, Running] = {}
        self.said: dict[ThreadKey, list[Message]] = {thread: [] for thread in THREADS}
        self.replies: dict[ThreadKey, list[Ts]] = {thread: [] for thread in THREADS}
        self.other_table = SqliteTable.open(self.path, shared=True)
        """What `slackbot forget` does, in another process."""
        self.forgetting: Steps | None = None
        self.target: Target = "user"
        self.meant: list[Secret] = []
        self.nameless: set[UserId] = set()
        """People who were forgotten and have said nothing since."""

    @initialize()
    def talk(self) -> None:
        """Both people have been answered in a thread."""
        for user in USERS:
            self.ask(THREADS[0], user)
            self._end(self.running[THREADS[0]])

    @rule(thread=threads, user=users)
    def say(self, thread: ThreadKey, user: UserId) -> None:
        """A message arrives."""
        message = Message(thread, self._ts(), user, self._secret(thread, {user}).text)
        self.nameless.discard(user)
        self.said[thread].append(message)
        self._run(self.store.append(MessageReceived(message), opens=True))

    @rule(thread=threads)
    def fold(self, thread: ThreadKey) -> None:
        """Events are folded in; a turn that is taken meanwhile knows nothing of them."""
        self._fold(thread)

    @rule(thread=threads, user=users)
    def ask(self, thread: ThreadKey, user: UserId) -> None:
        """The same in one go, with the beginning of its turn, and a first tool."""
        self.say(thread, user)
        self._fold(thread)
        self._begin(thread)
        if thread in self.running:
            self._use_a_tool(self.running[thread])

    def _fold(self, thread: ThreadKey) -> None:
        for stored in self._run(self.store.events(thread)):
            match stored.event:
                case MessageReceived(message):
                    self._run(self.store.receive(thread, stored.number, message))
                case MessageEdited(message):
                    edit = Edited(message, message.markup, wants_answer=True)
                    self._run(self.store.fold(thread, stored.number, message.ts, edit))
                case ButtonPressed(press):
                    change = (
                        Regenerated(press.ts)
                        if press.button == "again"
                        else Rated(press.ts, press.user, "good")
                    )
                    self._run(self.store.fold(thread, stored.number, press.ts, change))

    @precondition(lambda self: any(self.said.values()))
    @rule(data=st.data())
    def edit(self, data: st.DataObject) -> None:
        thread = data.draw(st.sampled_from([each for each in THREADS if self.said[each]]))
        before = data.draw(st.sampled_from(self.said[thread]))
        secret = self._secret(thread, {before.user})
        self.nameless.discard(before.user)
        after = replace(before, markup=secret.text, edited_ts=self._ts())
        self.said[thread].append(after)
        event = MessageEdited(after, replace(before, markup=""))
        self._run(self.store.append(event, opens=True))

    @precondition(lambda self: any(self.replies.values()))
    @rule(data=st.data(), user=users, button=st.sampled_from(["good", "again", "again"]))
    def press(self, data: st.DataObject, user: UserId, button: Literal["good", "again"]) -> None:
        thread = data.draw(st.sampled_from([each for each in THREADS if self.replies[each]]))
        ts = data.draw(st.sampled_from(self.replies[thread]))
        self._press(thread, ts, user, button)

    def _press_again(self, thread: ThreadKey, user: UserId) -> None:
        self._press(thread, self.replies[thread][-1], user, "again")

    def _press(
        self, thread: ThreadKey, ts: Ts, user: UserId, button: Literal["good", "again"]
    ) -> None:
        press = Press(thread, ts, user, button, "", self._ts())
        self._run(self.store.append(ButtonPressed(press), opens=True))
        self._fold(thread)
        if thread not in self.running:
            self._begin(thread)

    @rule(thread=threads)
    def begin(self, thread: ThreadKey) -> None:
        """A turn is chosen and reads what was said."""
        self._begin(thread)

    def _begin(self, thread: ThreadKey) -> None:
        work = self._run(self.store.waiting(thread))
        turn: PendingTurn
        if work.messages:
            chosen = next_messages(
                work.messages, is_command=lambda _: False, wants_answer=lambda _: True
            )
            turn = QuestionTurn(thread, self.store, chosen, ME, "follow-ups")
        elif work.again:
            conversation = self._run(self.store.load(thread, until=work.again[0].number))
            if not conversation.turns:  # it is being forgotten
                return
            turn = RegeneratedTurn(thread, self.store, work.again[0], conversation)
        else:
            return
        self._run(turn.begin(self.transcript))
        if not turn.asked:
            self._run(turn.commit())
            return
        said = turn.conversation.turns[-1].messages
        secret = self._secret(thread, {each.user for each in said}, (each.text for each in said))
        self.running[thread] = Running(turn, Draft(turn.conversation), secret)

    @precondition(lambda self: self.running)
    @rule(data=st.data())
    def use_a_tool(self, data: st.DataObject) -> None:
        """Its arguments and its result repeat what was asked."""
        self._use_a_tool(self._one_running(data))

    def _use_a_tool(self, running: Running) -> None:
        call = ToolCall(f"call_{next(running.calls)}", "add", f'{{"of":"{running.secret.text}"}}')
        running.draft.add(TextDelta(running.secret.text))
        running.draft.add(ToolRoundDelta((call,)))
        self._run(running.turn.keep(running.draft.tool_rounds))
        running.draft.add(ToolResultDelta(call.id, running.secret.text))
        self._run(running.turn.keep(running.draft.tool_rounds))

    @precondition(lambda self: self.running)
    @rule(data=st.data())
    def post(self, data: st.DataObject) -> None:
        self._go_on(self._one_running(data), "post")

    def _go_on(self, running: Running, step: Literal["tool", "post", "end"]) -> None:
        if step == "tool":
            self._use_a_tool(running)
            return
        if step == "end":
            self._end(running)
            return
        ts = self._ts()
        self.replies[running.turn.thread].append(ts)
        beginning = StreamBeginning(running.secret.text)
        posting = PostIntent(running.turn.key, 1, ts, beginning)
        self._run(running.turn.record((ts,), posting))

    @precondition(lambda self: self.running)
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        self._end(self._one_running(data))

    def _end(self, running: Running) -> None:
        running.draft.add(TextDelta(running.secret.text))
        ts = self._ts()
        self.replies[running.turn.thread].append(ts)
        running.turn.finish(running.draft, (ts,))
        self._run(running.turn.commit())
        del self.running[running.turn.thread]

    @precondition(lambda self: any(self.said.values()))
    @rule(data=st.data())
    def command(self, data: st.DataObject) -> None:
        """Instructions for a thread, by one of its messages."""
        thread = data.draw(st.sampled_from([each for each in THREADS if self.said[each]]))
        message = data.draw(st.sampled_from(self.said[thread]))
        scope = Scope(thread.team, thread.channel, thread.ts)
        last = self._run(self.store.last_revision(scope))
        about = [message.markup] if self.target != "user" else []
        secret = self._secret(thread, set(), about)
        change = SettingsChange(
            message.user,
            ScopeSettings(secret.text),
            last.number if last is not None else 0,
            request_ts=message.ts,
        )
        self._run(self.store.add_revision(scope, change))

    @precondition(lambda self: self.forgetting is None)
    @rule(what=targets, thread=threads, user=users)
    def begin_to_forget(self, what: Target, thread: ThreadKey, user: UserId) -> None:
        """From now on until it has ended, other operations come in between its steps."""
        drafts, revisions = DraftTable(self.other_table), RevisionTable(self.other_table, time.time)
        deletion = DataDeletion(
            self.other_table,
            ConversationTable(self.other_table, drafts),
            ThreadDeletion(self.other_table, revisions),
            clock=(number * STEP_SECONDS / 3 for number in count()).__next__,
        )
        match what:
            case "user":
                self.forgetting = deletion.user(TEAM, user)
            case "thread":
                self.forgetting = deletion.thread(TEAM, thread.channel, thread.ts)
            case "channel":
                self.forgetting = deletion.channel(TEAM, thread.channel)
            case "team":
                self.forgetting = deletion.team(TEAM)
        self.target = what
        self.meant = [each for each in self.secrets if _is_meant(each, what, thread, user)]
        if what == "user":
            self.nameless.add(user)

    @precondition(lambda self: self.forgetting is None)
    @rule(
        what=targets,
        thread=threads,
        user=users,
        forgotten=users,
        regenerated=st.booleans(),
        steps=st.sampled_from([0, 2, 4, 30]),
        then=st.lists(st.sampled_from(["tool", "post", "end"]), min_size=1, max_size=3),
    )
    def forget_beside(
        self,
        what: Target,
        thread: ThreadKey,
        user: UserId,
        forgotten: UserId,
        regenerated: bool,  # noqa: FBT001 - as above
        steps: int,
        then: list[Literal["tool", "post", "end"]],
    ) -> None:
        """A turn begins; while it is being forgotten, it goes on."""
        self.ask(thread, user)
        if regenerated and thread in self.running:
            self._end(self.running[thread])
            self._press_again(thread, user)
        self.begin_to_forget(what, thread, forgotten)
        self.go_on_forgetting(steps)
        for step in then:
            if thread in self.running:
                self._go_on(self.running[thread], step)
        if self.forgetting is not None:
            self.end_forgetting()
        if thread in self.running:
            self._use_a_tool(self.running[thread])

    @precondition(lambda self: self.forgetting is not None)
    @rule(steps=st.integers(1, 3))
    def go_on_forgetting(self, steps: int) -> None:
        for _ in range(steps):
            if self.forgetting is not None and next(self.forgetting, self) is self:
                self._forgotten()

    @precondition(lambda self: self.forgetting is None)
    @rule(what=targets, thread=threads, user=users)
    def forget(self, what: Target, thread: ThreadKey, user: UserId) -> None:
        """All at once."""
        self.begin_to_forget(what, thread, user)
        self.end_forgetting()

    @precondition(lambda self: self.forgetting is not None)
    @rule()
    def end_forgetting(self) -> None:
        assert self.forgetting is not None
        for _ in self.forgetting:
            pass
        self._forgotten()

    def _forgotten(self) -> None:
        self.other_table.shrink()
        self.forgetting = None
        for secret in self.meant:
            secret.forgotten = True

    @invariant()
    def nothing_is_left(self) -> None:
        if self.forgetting is not None:
            return
        stored = content_of(self.path)
        texts = [each.text for each in self.secrets if each.forgotten]
        texts += map(name_of, self.nameless)
        assert not [text for text in texts if text.encode() in stored]

    def teardown(self) -> None:
        self.other_table.close()
        self.runner.run(self.store.close())
        self.runner.close()
        self.folder.cleanup()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def _ts(self) -> Ts:
        return Ts(f"{1_700_000_100 + next(self.numbers)}.000000")

    def _secret(self, thread: ThreadKey, people: set[UserId], about: Iterable[str] = ()) -> Secret:
        """A new text; one that is about forgotten ones is forgotten with them."""
        texts = {*about}
        secret = Secret(f"secret-{next(self.numbers):06d}", thread, people)
        secret.forgotten = any(each.forgotten for each in self.secrets if each.text in texts)
        if self.forgetting is not None and any(each.text in texts for each in self.meant):
            self.meant.append(secret)
        self.secrets.append(secret)
        return secret

    def _one_running(self, data: st.DataObject) -> Running:
        return self.running[data.draw(st.sampled_from(sorted(self.running, key=repr)))]


def _is_meant(secret: Secret, target: Target, thread: ThreadKey, user: UserId) -> bool:
    match target:
        case "user":
            return user in secret.people
        case "thread":
            return secret.thread == thread
        case "channel":
            return secret.thread.channel == thread.channel
        case "team":
            return True


ForgettingBesideTurns.TestCase.settings = settings(
    max_examples=200, stateful_step_count=12, deadline=None
)
TestForgettingBesideTurns = pytest.mark.timeout(300)(ForgettingBesideTurns.TestCase)

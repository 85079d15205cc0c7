"""One thread's session, compared with a model of it.

Whatever Slack delivers in whatever order, and however often the process restarts, each question is
answered once, in its last version.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, TypeVar

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from slackbot.conversation.controls import Button, Press
from slackbot.conversation.history import Turn
from slackbot.conversation.inbox_events import (
    ButtonPressed,
    InboxEvent,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    StopRequested,
)
from slackbot.conversation.messages import Message
from tests.turns.session_harness import ME, THREAD, SessionHarness

T = TypeVar("T")

PEOPLE = ("UANA", "UBEN")
Kind = Literal["question", "command", "aside"]

LEGAL = {
    ("idle", "choosing"),
    ("choosing", "waiting"),
    ("choosing", "stopping"),
    ("choosing", "idle"),
    ("waiting", "answering"),
    ("waiting", "stopping"),
    ("waiting", "choosing"),
    ("answering", "waiting"),
    ("answering", "stopping"),
    ("answering", "choosing"),
    ("stopping", "answering"),
    ("stopping", "choosing"),
}
"""The steps of the diagram in docs/architecture.md; `closing` is reached from everywhere."""


@dataclass(eq=False)
class Said:
    """A person's message in its last version."""

    message: Message
    kind: Kind
    versions: list[str] = field(default_factory=list)
    """Its texts as questions, oldest first."""
    deleted: bool = False
    was_command: bool = False

    @property
    def text(self) -> str:
        return self.versions[-1]


class SessionBesideModel(RuleBasedStateMachine):
    """People say, edit and delete, press buttons and stop; Slack delivers it late and twice."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = TemporaryDirectory()
        self.said: list[Said] = []
        self.due: list[InboxEvent] = []
        """Events that Slack has not delivered yet."""
        self.delivered: list[InboxEvent] = []
        self.seconds = 2000
        self.stops = 0

    @initialize()
    def begin(self) -> None:
        self._run(self._begin())

    async def _begin(self) -> None:
        self.harness = SessionHarness(f"sqlite:///{Path(self.folder.name) / 'slackbot.db'}")
        await self.harness.start()

    # What people do.

    @rule(user=st.sampled_from(PEOPLE), kind=st.sampled_from(["question"] * 3 + ["aside"]))
    def say(self, user: str, kind: Kind) -> None:
        ts = self._now()
        text = f"text {ts}"
        markup = text if kind == "question" else f"<@UCARA> {text}"
        message = Message(THREAD, ts, user, markup)
        self.said.append(
            Said(message, kind, [text if kind == "question" else f"@Name of UCARA {text}"])
        )
        self.due.append(MessageReceived(message))

    @rule(user=st.sampled_from(PEOPLE))
    def command(self, user: str) -> None:
        message = Message(THREAD, self._now(), user, f"<@{ME}> instructions show")
        self.said.append(Said(message, "command", was_command=True))
        self.due.append(MessageReceived(message))

    @precondition(lambda self: self._editable())
    @rule(data=st.data(), kind=st.sampled_from(["question"] * 3 + ["command"]))
    def edit(self, data: st.DataObject, kind: Kind) -> None:
        said = data.draw(st.sampled_from(self._editable()))
        edited_ts = self._now()
        text = f"edited {edited_ts}"
        markup = f"<@{ME}> {text}" if kind == "question" else f"<@{ME}> instructions show"
        before, said.kind = said.message, kind
        said.message = replace(before, markup=markup, edited_ts=edited_ts)
        if kind == "question":
            said.versions.append(text)
        else:
            said.was_command = True
        self.due.append(MessageEdited(said.message, before))

    @precondition(lambda self: self._there())
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        said = data.draw(st.sampled_from(self._there()))
        said.deleted = True
        self.due.append(MessageDeleted(THREAD, said.message.ts, said.message))

    @precondition(lambda self: self.harness.transport.messages)
    @rule(
        data=st.data(),
        user=st.sampled_from(PEOPLE),
        button=st.sampled_from(["stop", "again", "good", "bad"]),
    )
    def press(self, data: st.DataObject, user: str, button: Button) -> None:
        ts = data.draw(st.sampled_from(sorted(self.harness.transport.messages)))
        self.stops += button == "stop"
        self.due.append(ButtonPressed(Press(THREAD, ts, user, button, action_ts=self._now())))

    @rule(user=st.sampled_from(PEOPLE))
    def stop_in_slack(self, user: str) -> None:
        self.stops += 1
        self.due.append(StopRequested(THREAD, user, self._now()))

    # What Slack, the model and the process do.

    @precondition(lambda self: self.due)
    @rule(data=st.data())
    def deliver_any(self, data: st.DataObject) -> None:
        self._deliver(data.draw(st.integers(0, len(self.due) - 1)))

    @precondition(lambda self: self.due)
    @rule(wait=st.booleans())
    def deliver_all(self, *, wait: bool) -> None:
        """In order, and perhaps until nothing moves by itself."""
        while self.due:
            self._deliver(0)
        if wait:
            self._run(self.harness.quiet())

    @precondition(lambda self: self.delivered)
    @rule(data=st.data())
    def deliver_again(self, data: st.DataObject) -> None:
        event = data.draw(st.sampled_from(self.delivered))
        self._run(self.harness.deliver(event))

    @rule()
    def hold_the_model(self) -> None:
        self.harness.model.hold()

    @rule()
    def release_the_model(self) -> None:
        self.harness.model.release()

    @rule()
    def slow_slack_down(self) -> None:
        self.harness.transport.slow_down()

    @rule()
    def let_slack_catch_up(self) -> None:
        self._run(self.harness.transport.catch_up())

    @rule()
    def restart(self) -> None:
        self._run(self._restart())

    async def _restart(self) -> None:
        await self.harness.end()
        await self.harness.start()

    @rule()
    def agree(self) -> None:
        """Everything is delivered and comes to its end; then both agree."""
        self.deliver_all(wait=False)
        self.harness.model.release()
        self._run(self.harness.transport.catch_up())
        self._run(self.harness.idle())
        self._run(self._compare())

    def teardown(self) -> None:
        try:
            self.agree()
        finally:
            self._run(self.harness.end())
            self.runner.close()
            self.folder.cleanup()

    async def _compare(self) -> None:
        store = self.harness.store
        assert self.harness.session.state == "idle"
        assert await store.unanswered() == []
        turns = (await self.harness.stored()).turns
        stored = {each.ts: each for turn in turns for each in turn.messages}
        assert len(stored) == sum(len(turn.messages) for turn in turns)
        for said in self.said:
            if said.deleted:
                assert said.message.ts not in stored
            elif said.kind != "command":
                assert stored[said.message.ts].text == said.text
        shown = self.harness.transport.messages
        assert sorted(shown) == sorted(ts for turn in turns for ts in turn.reply_ts)
        assert all(message.controls in ("finished", "failed") for message in shown.values())
        for turn in turns:
            self._compare_turn(turn)
        stopped = [turn for turn in turns if turn.messages and _is_stopped(turn)]
        assert len(stopped) <= self.stops
        self._compare_last(turns)

    def _compare_turn(self, turn: Turn) -> None:
        """One person's questions, with one finished answer to all of them."""
        asking = [each for each in turn.messages if each.for_bot]
        assert len({each.user for each in asking}) <= 1
        assert len(turn.reply_ts) == bool(asking) or not turn.messages or turn.answer is not None
        if asking and not _is_stopped(turn):
            assert turn.answer is not None
            for each in asking:
                assert any(version in turn.answer.text for version in self._versions(each.ts))

    def _compare_last(self, turns: tuple[Turn, ...]) -> None:
        """The last question is answered in its last version, if nothing came after it."""
        asking = [turn for turn in turns if any(each.for_bot for each in turn.messages)]
        if any(said.deleted or said.was_command for said in self.said) or not asking:
            return
        last = asking[-1]
        if not _is_stopped(last):
            assert last.answer is not None
            for each in last.messages:
                assert each.text in last.answer.text

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def _deliver(self, number: int) -> None:
        event = self.due.pop(number)
        self._run(self.harness.deliver(event))
        self.delivered.append(event)

    def _now(self) -> str:
        self.seconds += 1
        return f"{self.seconds}.000000"

    def _there(self) -> list[Said]:
        return [said for said in self.said if not said.deleted]

    def _editable(self) -> list[Said]:
        return [said for said in self._there() if said.kind != "aside"]

    def _versions(self, ts: str) -> list[str]:
        return next(said.versions for said in self.said if said.message.ts == ts)


def _is_stopped(turn: Turn) -> bool:
    """Returns whether a person stopped a turn's answer."""
    asking = any(each.for_bot for each in turn.messages)
    return asking and (turn.answer is None or turn.answer.finish_reason == "stopped")


SessionBesideModel.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
TestSessionBesideModel = pytest.mark.timeout(240)(SessionBesideModel.TestCase)

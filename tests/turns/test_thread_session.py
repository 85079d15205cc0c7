"""One thread's session, compared with a model of it.

Whatever Slack delivers in whatever order, and however often the process restarts, each question is
answered once, in its last version.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, TypeVar

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from slackbot import backoff
from slackbot.conversation.controls import Button, Press
from slackbot.conversation.history import Turn
from slackbot.conversation.ids import Ts, UserId
from slackbot.conversation.inbox_events import (
    ButtonPressed,
    InboxEvent,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    StopRequested,
)
from slackbot.conversation.messages import Message
from slackbot.delivery import call_repeater
from slackbot.playground.postgres_server import PostgresServer
from tests.turns.session_harness import ME, THREAD, SessionHarness

T = TypeVar("T")

PEOPLE = ("UANA", "UBEN")
SHOW = "instructions show"
LATELY = st.sampled_from([1, 1, 1, 2, 3])
"""Which one of what was said is meant, counted from the last."""

Kind = Literal["question", "command", "aside"]


@dataclass(eq=False)
class Said:
    """A person's message in its last version."""

    message: Message
    kind: Kind
    versions: list[str]
    """Its texts as the model reads them, oldest first."""
    deleted: bool = False
    was_command: bool = False

    @property
    def text(self) -> str:
        return self.versions[-1]


@pytest.mark.parametrize("confirmed", [False, True])
async def test_a_session_that_died(tmp_path: Path, *, confirmed: bool) -> None:
    """What a session was about to post is recorded, so the thread's next session finds it; where
    Slack confirmed the post, it needs no look.
    """
    harness = SessionHarness(f"sqlite:///{tmp_path / 'slackbot.db'}")
    await harness.start()
    harness.model.hold()
    if not confirmed:
        harness.transport.fall_silent()
    message = Message(THREAD, Ts("2000.000000"), UserId("UANA"), "hello")
    await harness.deliver(MessageReceived(message))
    if confirmed:
        await harness.placed()
    else:
        await harness.transport.standing.wait()
    await harness.lose_session()
    await harness.transport.catch_up()
    harness.model.release()
    await harness.wake()
    shown = [each.text for each in harness.transport.messages.values()]
    assert shown == ["To: hello."]
    assert harness.transport.looks == (not confirmed)
    await harness.end()


class SessionBesideModel(RuleBasedStateMachine):
    """People say, edit and delete, press buttons and stop; Slack delivers it late and twice."""

    def __init__(self, address: str = "") -> None:
        """`address` is that of an empty database; "" stands for a new file."""
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = TemporaryDirectory()
        self.address = address or f"sqlite:///{self.folder.name}/slackbot.db"
        self.said: list[Said] = []
        self.due: list[InboxEvent] = []
        """Events that Slack has not delivered yet."""
        self.delivered: list[InboxEvent] = []
        self.seconds = 2000
        self.stops = 0
        self.lost_replies = 0
        """How many of the bot's messages somebody deleted."""
        self.patches = pytest.MonkeyPatch()
        self.patches.setattr(call_repeater, "LATE_EFFECT_SECONDS", 0.0)
        self.patches.setattr(backoff, "FIRST_PAUSE_SECONDS", 0.001)

    @initialize()
    def begin(self) -> None:
        self._run(self._begin())

    async def _begin(self) -> None:
        self.harness = SessionHarness(self.address)
        await self.harness.start()

    # What people do.

    @rule(user=st.sampled_from(PEOPLE), kind=st.sampled_from(["question"] * 3 + ["aside"]))
    def say(self, user: str, kind: Kind) -> None:
        ts = self._now()
        text = f"text {ts}"
        markup = text if kind == "question" else f"<@UCARA> {text}"
        message = Message(THREAD, Ts(ts), UserId(user), markup)
        read = text if kind == "question" else f"@Name of UCARA {text}"
        self.said.append(Said(message, kind, [read]))
        self.due.append(MessageReceived(message))

    @rule(user=st.sampled_from(PEOPLE))
    def command(self, user: str) -> None:
        message = Message(THREAD, Ts(self._now()), UserId(user), f"<@{ME}> {SHOW}")
        self.said.append(Said(message, "command", [SHOW], was_command=True))
        self.due.append(MessageReceived(message))

    @precondition(lambda self: self._editable())
    @rule(back=LATELY, kind=st.sampled_from(["question"] * 3 + ["command"]))
    def edit(self, back: int, kind: Kind) -> None:
        said = self._editable()[-back:][0]
        edited_ts = self._now()
        text = f"edited {edited_ts}" if kind == "question" else SHOW
        before, said.kind = said.message, kind
        said.message = replace(before, markup=f"<@{ME}> {text}", edited_ts=Ts(edited_ts))
        said.versions.append(text)
        said.was_command |= kind == "command"
        self.due.append(MessageEdited(said.message, before))

    @precondition(lambda self: self._there())
    @rule(back=LATELY)
    def delete(self, back: int) -> None:
        said = self._there()[-back:][0]
        said.deleted = True
        self.due.append(MessageDeleted(THREAD, said.message.ts, said.message))

    @rule(
        back=LATELY,
        user=st.sampled_from(PEOPLE),
        button=st.sampled_from(["stop", "again", "good", "bad"]),
    )
    def press(self, back: int, user: str, button: Button) -> None:
        """Under one of the last messages of the bot, if there are any by now."""
        for ts in sorted(self.harness.transport.messages)[-back:][:1]:
            self.stops += button == "stop"
            self.due.append(
                ButtonPressed(
                    Press(THREAD, Ts(ts), UserId(user), button, action_ts=Ts(self._now()))
                )
            )

    @rule(back=LATELY)
    def delete_reply(self, back: int) -> None:
        """An admin deletes one of the last messages of the bot, perhaps before the bot knows it."""
        for ts in sorted(self.harness.transport.messages)[-back:][:1]:
            del self.harness.transport.messages[ts]
            self.lost_replies += 1
            self.due.append(MessageDeleted(THREAD, ts))

    @rule(user=st.sampled_from(PEOPLE))
    def stop_in_slack(self, user: str) -> None:
        self.stops += 1
        self.due.append(StopRequested(THREAD, UserId(user), Ts(self._now())))

    # What Slack, the model and the process do.

    @rule(number=st.integers(0, 9))
    def deliver_any(self, number: int) -> None:
        if self.due:
            self._deliver(number % len(self.due))

    @rule(backwards=st.booleans(), wait=st.booleans())
    def deliver_all(self, *, backwards: bool, wait: bool) -> None:
        """All at once, and perhaps until nothing moves by itself."""
        events = self.due[::-1] if backwards else self.due
        self._run(self._deliver_together(events))
        self.delivered += events
        self.due = []
        if wait:
            self._run(self.harness.quiet())

    async def _deliver_together(self, events: list[InboxEvent]) -> None:
        await asyncio.gather(*map(self.harness.deliver, events))

    @rule(number=st.integers(0, 99))
    def deliver_again(self, number: int) -> None:
        if self.delivered:
            self._run(self.harness.deliver(self.delivered[number % len(self.delivered)]))

    @rule(what=st.sampled_from(["hold", "release", "slow", "silent", "catch up", "lose"]))
    def turn(self, what: str) -> None:
        """The model stops in the middle of its answers, or goes on; so does Slack with posts."""
        match what:
            case "hold":
                self.harness.model.hold()
            case "release":
                self.harness.model.release()
            case "slow":
                self.harness.transport.slow_down()
            case "silent":
                self.harness.transport.fall_silent()
            case "lose":
                self.harness.transport.lose_answer()
            case _:
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
        self.deliver_all(backwards=False, wait=False)
        self.harness.model.release()
        self._run(self.harness.transport.catch_up())
        self._run(self.harness.idle())
        self._run(self._compare())

    def teardown(self) -> None:
        try:
            self.agree()
        finally:
            self._run(self.harness.end())
            self.patches.undo()
            self.runner.close()
            self.folder.cleanup()

    async def _compare(self) -> None:
        store = self.harness.store
        assert self.harness.session.state == "idle"
        assert self.harness.states_at_calls <= {"answering", "stopping", "closing"}
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
        assert len(stopped) <= self.stops + self.lost_replies
        unanswered = [turn for turn in turns if _is_asking(turn) and not turn.reply_ts]
        assert len(unanswered) <= self.lost_replies
        self._compare_last(turns)

    def _compare_turn(self, turn: Turn) -> None:
        """One person's questions, with one finished answer to all of them."""
        asking = [each for each in turn.messages if each.for_bot]
        assert len({each.user for each in asking}) <= 1
        if asking:
            assert len(turn.reply_ts) <= 1
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


def _is_asking(turn: Turn) -> bool:
    return any(each.for_bot for each in turn.messages)


def _is_stopped(turn: Turn) -> bool:
    """Returns whether a person stopped a turn's answer."""
    return _is_asking(turn) and (turn.answer is None or turn.answer.finish_reason == "stopped")


SessionBesideModel.TestCase.settings = settings(
    max_examples=150,
    stateful_step_count=30,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
TestSessionBesideModel = pytest.mark.timeout(240)(SessionBesideModel.TestCase)


@pytest.mark.timeout(240)
def test_session_beside_model_in_postgres(postgres: PostgresServer) -> None:
    """The same in PostgreSQL."""

    class PostgresSession(SessionBesideModel):
        def __init__(self) -> None:
            super().__init__(postgres.create_database())

    run_state_machine_as_test(
        PostgresSession,
        settings=settings(SessionBesideModel.TestCase.settings, max_examples=10),
    )

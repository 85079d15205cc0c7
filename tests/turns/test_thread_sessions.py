"""The running bot, compared with a model of it.

Whatever people do and however often the bot restarts, what Slack shows, what is stored and what was
asked agree in the end.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    precondition,
    rule,
)

from slackbot.conversation.history import Conversation
from slackbot.conversation.ids import ChannelId, TeamId, Ts
from slackbot.conversation.messages import ThreadKey
from slackbot.playground.fake_openai.script import Script, says
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.store import open_store
from tests.harness import BotHarness, buttons

T = TypeVar("T")


@dataclass(eq=False)
class Question:
    """A message, and what the bot must know of it."""

    message: PostedMessage
    text: str
    known: bool = False
    """The bot has acknowledged it."""
    deleted: bool = False


@dataclass(eq=False)
class Talk:
    """A thread's questions, oldest first."""

    questions: list[Question] = field(default_factory=list)

    @property
    def root(self) -> PostedMessage:
        return self.questions[0].message


class BotAgainstModel(RuleBasedStateMachine):
    """Questions, edits, deletions, redeliveries, wishes for another answer, stops and starts."""

    talks = Bundle("talks")
    questions = Bundle("questions")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.folder = TemporaryDirectory()
        self.life: AsyncExitStack | None = None
        self.holding = False
        self.messages = 0
        self.all: list[Talk] = []

    @initialize()
    def begin(self) -> None:
        self._run(self._begin())

    async def _begin(self) -> None:
        workspace = await self.stack.enter_async_context(Workspace())
        model = await self.stack.enter_async_context(ModelServer(answer=self._answer))
        workspace.feed.connection_timeout = 0.0  # while the bot is away nothing waits for it
        self.harness = BotHarness(workspace, model, Path(self.folder.name))
        await self._start()

    @rule(target=talks)
    def ask(self) -> Talk:
        talk = Talk()
        self.all.append(talk)
        self._say(talk)
        return talk

    @rule(talk=talks, target=questions)
    def ask_on(self, talk: Talk) -> Question:
        return self._say(talk)

    @rule(talk=talks, target=questions)
    def mind_the_first(self, talk: Talk) -> Question:
        """The first question can be changed like the others."""
        return talk.questions[0]

    @rule(question=questions)
    def edit(self, question: Question) -> None:
        if not question.deleted:
            self.messages += 1
            text = f"edited {self.messages}."
            edited = f"{self.harness.bot.mention} {text}"
            self._run(self.harness.workspace.edit(self.harness.ana, question.message, edited))
            if question.known and self._took(text):
                question.text = text

    @rule(question=consumes(questions))
    def delete(self, question: Question) -> None:
        if self.life is not None and not question.deleted:
            self._run(self.harness.workspace.delete(self.harness.ana, question.message))
            question.deleted = True

    @rule(talk=talks)
    def redeliver(self, talk: Talk) -> None:
        """Slack sends a message again that the bot has taken already."""
        for delivery in list(self.harness.workspace.deliveries):
            if delivery.acknowledged and delivery.event.get("ts") == talk.root.ts:
                self._run(self.harness.workspace.redeliver(delivery))

    @rule(talk=talks)
    def want_another(self, talk: Talk) -> None:
        for message in self.harness.answers(talk.root)[:1]:
            if "again" in buttons(message):
                click = self.harness.workspace.click(self.harness.ana, message, "slackbot_again")
                self._run(click)

    @rule()
    def hold(self) -> None:
        """From now on the model stops in the middle of its answers."""
        self.holding = True

    @rule()
    def release(self) -> None:
        self.holding = False
        self.harness.model.release()

    @precondition(lambda self: self.life is not None)
    @rule()
    def stop(self) -> None:
        self._run(self._stop())

    @precondition(lambda self: self.life is None)
    @rule()
    def start(self) -> None:
        self._run(self._start())

    @rule()
    def agree(self) -> None:
        """Everything comes to its end; then all three agree."""
        self.release()
        self._run(self._settle())

    def teardown(self) -> None:
        try:
            self.agree()
        finally:
            self._run(self._stop())
            self._run(self.stack.aclose())
            self.runner.close()
            self.folder.cleanup()

    def _run(self, work: Coroutine[None, None, T]) -> T:
        return self.runner.run(work)

    def _say(self, talk: Talk) -> Question:
        self.messages += 1
        text = f"question {self.messages}."
        thread = talk.root.ts if talk.questions else None
        message = self._run(self.harness.mention(text, thread=thread))
        question = Question(message, text, known=self._took(text))
        talk.questions.append(question)
        return question

    def _took(self, text: str) -> bool:
        """Returns whether the bot has acknowledged the event with this text."""
        told = [each for each in self.harness.workspace.deliveries if text in str(each.event)]
        return any(each.acknowledged for each in told)

    def _answer(self, request: dict[str, object]) -> Script:
        messages = request["messages"]
        assert isinstance(messages, list)
        texts = [each["content"] for each in messages if each["role"] == "user"]
        script = says(f"To: {' '.join(texts)} Yes.")
        return script.held(after=1) if self.holding else script

    async def _start(self) -> None:
        self.life = AsyncExitStack()
        await self.life.enter_async_context(self.harness.running(grace=0.0))

    async def _stop(self) -> None:
        if self.life is not None:
            await self.life.aclose()
            self.life = None

    async def _settle(self) -> None:
        if self.life is None:
            await self._start()
        await self.harness.service.bot.idle()
        await self._stop()
        store = await open_store(self.harness.environment["DATABASE_URL"])
        try:  # a failure must not leave it to the teardown to find the file in use
            assert await store.unanswered() == []
            for talk in self.all:
                self._compare(talk, await store.load(self._thread(talk)))
        finally:
            await store.close()
        await self._start()

    def _thread(self, talk: Talk) -> ThreadKey:
        team, root = self.harness.workspace.team.team_id, talk.root
        return ThreadKey(TeamId(team), ChannelId(root.channel), Ts(root.ts))

    def _compare(self, talk: Talk, stored: Conversation) -> None:
        said = {each.ts: each.text for turn in stored.turns for each in turn.messages}
        assert sum(len(turn.messages) for turn in stored.turns) == len(said)
        asked = [each for each in talk.questions if each.known and not each.deleted]
        assert said == {each.message.ts: each.text for each in asked}
        shown = {each.ts: each.shown for each in self.harness.answers(talk.root)}
        assert sorted(ts for turn in stored.turns for ts in turn.reply_ts) == sorted(shown)
        for turn in stored.turns:
            if turn.messages:
                assert turn.answer is not None
                assert "".join(shown[ts] for ts in turn.reply_ts) == turn.answer.text
                assert turn.answer.text.endswith("Yes.")
                assert len(turn.reply_ts) == 1
        for turn in stored.turns[-1:]:
            for each in turn.messages:
                assert turn.answer is not None
                assert each.text in turn.answer.text


BotAgainstModel.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=20,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink over the wire takes minutes
)
TestBotAgainstModel = pytest.mark.timeout(240)(BotAgainstModel.TestCase)

"""People change their minds all at once, at random: what Slack shows is what is remembered."""

import asyncio
import re
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import suppress
from random import Random
from typing import Any

import pytest

from slackbot.conversation.history import Conversation
from slackbot.conversation.ids import ChannelId, TeamId, Ts
from slackbot.conversation.messages import ThreadKey
from slackbot.playground.fake_openai.script import Script, calls, fails, says
from slackbot.playground.fake_slack.messages import PostedMessage, elements
from slackbot.store import open_store
from tests.harness import BotHarness, buttons

ROUNDS, STEPS = 3, 20

SETTINGS = {"SLACKBOT_MAX_REPLIES": "2", "SLACKBOT_TOOLS": "tests.tools.sample_tools"}

TO_CONFIRM = ("slackbot_confirm", "slackbot_decline")


class Minds:
    """People who ask, edit, delete, and press whatever can be pressed, and a model that fails."""

    def __init__(self, harness: BotHarness, seed: int) -> None:
        self.questions: list[PostedMessage] = []
        self._stage = harness
        self._rng = Random(seed)  # noqa: S311 - the same seed, the same changes
        self._number = 0
        self._calls = 0
        self._decided: set[tuple[str, str]] = set()
        """Who has answered which question before a tool."""
        harness.model.answer = self._answer

    @property
    def standing(self) -> list[PostedMessage]:
        return [question for question in self.questions if not question.deleted]

    async def change(self) -> None:
        """Everybody at once, without waiting for what becomes of it."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(STEPS):
                tasks.create_task(self._do_something())
                await asyncio.sleep(self._rng.choice([0.0, 0.0, 0.01, 0.05]))

    async def calm_down(self) -> None:
        """Nobody wants anything any more, and nothing is left to be done."""
        await self._stage.all_acknowledged()
        idle = asyncio.create_task(self._stage.service.bot.idle())
        while not idle.done():
            for message in self._answers:
                await self._decide(message)
            await asyncio.wait([idle], timeout=0.1)
        await self._stage.settled()  # what the bot has deleted is an event, too

    async def _do_something(self) -> None:
        drawn = self._rng.random()
        if drawn < 0.3 or not self.standing:
            await self._ask()
        elif drawn < 0.5:
            question = self._rng.choice(self.standing)
            await _done(self._stage.workspace.edit(question.author, question, self._words()))
        elif drawn < 0.6:
            question = self._rng.choice(self.standing)
            await _done(self._stage.workspace.delete(question.author, question))
        elif self._answers:
            await self._press(self._rng.choice(self._answers))

    async def _ask(self) -> None:
        roots = [question for question in self.standing if question.thread_ts is None]
        root = self._rng.choice(roots).ts if roots and self._rng.random() < 0.6 else None
        person = self._rng.choice([self._stage.ana, self._stage.ben])
        said = await self._stage.workspace.say(
            person, self._stage.general, self._words(), thread=root
        )
        self.questions.append(said)

    async def _press(self, message: PostedMessage) -> None:
        """Somebody presses any button."""
        if found := _buttons(message):
            person = self._rng.choice([self._stage.ana, self._stage.ben])
            await _done(self._stage.workspace.click(person, message, *self._rng.choice(found)))

    async def _decide(self, message: PostedMessage) -> None:
        """Both answer a question before a tool, once: the bot ignores those who press too often."""
        for person in (self._stage.ana, self._stage.ben):
            found = [each for each in _buttons(message) if each[0] in TO_CONFIRM]
            if found and (person.id, found[0][1]) not in self._decided:
                self._decided.add((person.id, found[0][1]))
                await _done(self._stage.workspace.click(person, message, *self._rng.choice(found)))

    @property
    def _answers(self) -> list[PostedMessage]:
        messages = self._stage.workspace.messages.values()
        return [each for each in messages if each.author == self._stage.bot and not each.deleted]

    def _words(self) -> str:
        self._number += 1
        return f"{self._stage.bot.mention} q{self._number}"

    def _answer(self, request: Mapping[str, Any]) -> Script:
        """Names what was asked since the last answer."""
        drawn = self._rng.random()
        if drawn < 0.1:
            return fails(401, code="invalid_api_key")
        if drawn < 0.25 and "tool_choice" not in request:
            self._calls += 1
            return calls("sink", '{"ship": "Ann"}', call_id=f"call_{self._calls}")
        asked: list[str] = []
        for message in reversed(request["messages"]):
            if message["role"] == "assistant" and "tool_calls" not in message:
                break
            if message["role"] == "user":
                asked.insert(0, message["content"])
        named = " ".join(f"<{each}>" for each in asked)
        script = says(f"{named} " + "word " * self._rng.randint(1, 30) + "end.")
        script = script.paced(self._rng.choice([0.0, 0.005, 0.02]))
        return script.dropped(after=1) if drawn < 0.35 else script


def _buttons(message: PostedMessage) -> list[tuple[str, str]]:
    """The buttons under a message: the action_id and the value of each."""
    return [
        (element["action_id"], element.get("value", ""))
        for _, element in elements(message.blocks)
        if element["type"] == "button"
    ]


async def _done(act: Awaitable[object]) -> None:
    with suppress(LookupError):  # it has gone meanwhile
        await act


def compare(
    harness: BotHarness, stored: Conversation, root: PostedMessage, asked: Sequence[PostedMessage]
) -> None:
    """One thread: what people see is what is stored, each question that was `asked` and still
    stands once, and as it reads now.
    """
    thread = harness.workspace.thread(harness.general, root.ts)
    shown = {each.ts: each for each in thread if each.author == harness.bot}
    said = [each for turn in stored.turns for each in turn.messages]
    texts = {each.ts: each.text.split()[-1] for each in asked if not each.deleted}
    assert sorted(each.ts for each in said) == sorted(texts)
    assert {each.ts: each.text for each in said} == texts
    assert sorted(ts for turn in stored.turns for ts in turn.reply_ts) == sorted(shown)
    for turn in stored.turns:
        seen = "".join(shown[ts].shown for ts in turn.reply_ts)
        assert not any("stop" in buttons(shown[ts]) for ts in turn.reply_ts)
        if turn.answer is not None:
            assert _bare(turn.answer.text) in _bare(seen)
    if stored.turns and not any(each.deleted for each in asked):  # what is last now always was
        last = stored.turns[-1]
        if last.answer is not None and last.answer.finish_reason == "stop":
            assert all(f"<{each.text}>" in last.answer.text for each in last.messages)


def _bare(text: str) -> str:
    return re.sub(r"[\s\u2060]", "", text)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("streaming", ["edit", "native"])
@pytest.mark.parametrize("seed", [1, 2])
async def test_everything_at_once(harness: BotHarness, seed: int, streaming: str) -> None:
    """Whatever is asked, edited, deleted, stopped, approved and regenerated at the same moments:
    in the end each question is remembered once, as it reads now, and so is each answer.
    """
    minds = Minds(harness, seed)
    async with harness.running({**SETTINGS, "SLACKBOT_STREAMING": streaming}):
        for _ in range(ROUNDS):
            await minds.change()
            await minds.calm_down()
    store = await open_store(harness.environment["DATABASE_URL"])
    assert not await store.unanswered()
    for root in minds.questions:
        if root.thread_ts is None:
            key = ThreadKey(
                TeamId(harness.workspace.team.team_id), ChannelId(root.channel), Ts(root.ts)
            )
            asked = [each for each in minds.questions if (each.thread_ts or each.ts) == root.ts]
            compare(harness, await store.load(key), root, asked)
    await store.close()

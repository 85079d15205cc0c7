"""Simulated people who ask questions, and what they see in Slack."""

import asyncio
from contextlib import suppress
from random import Random

from benchmarks.chaos.faulty_model import FILE_CONTENT, QUESTION, is_whole, question_label
from slackbot.playground.fake_slack.messages import PostedMessage, elements
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.slack.buttons import PREFIX

PEOPLE, CHANNELS = 5, 4

QUESTIONS_PER_SECOND = 3.0
"""How many questions people ask a second, on average."""

FILE_RATE = 0.2
"""The share of questions with a file."""


class SimulatedUsers:
    """People who ask at random, in channels, threads and direct messages."""

    def __init__(self, workspace: Workspace, rng: Random) -> None:
        self.workspace = workspace
        self.retries = 0
        """How often people pressed Try again."""
        self._rng = rng
        self._people = [workspace.add_person(f"Person {n}") for n in range(PEOPLE)]
        self._channels = [
            workspace.add_channel(f"c{n}", members=self._people) for n in range(CHANNELS)
        ]

    async def ask(self) -> None:
        """Asks one question after the other until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            number = 0
            while True:
                number += 1
                tasks.create_task(self._say(number))
                await asyncio.sleep(self._rng.expovariate(QUESTIONS_PER_SECOND))

    async def keep_retrying(self) -> None:
        """Presses Try again every second until cancelled."""
        while True:
            await asyncio.sleep(1.0)
            await self.press_try_again()

    async def press_try_again(self) -> None:
        """Presses every Try again button under a failed answer."""
        for message in self._with_button("again"):
            if not is_whole(message.shown):
                with suppress(LookupError):  # it is being answered again already
                    person = self._rng.choice(self._people)
                    await self.workspace.click(person, message, f"{PREFIX}again")
                    self.retries += 1

    @property
    def questions(self) -> list[PostedMessage]:
        people = set(self._people)
        return [each for each in self.workspace.messages.values() if each.author in people]

    @property
    def roots(self) -> list[PostedMessage]:
        """The questions that start a thread."""
        return [each for each in self.questions if each.thread_ts is None]

    @property
    def acknowledged(self) -> list[PostedMessage]:
        """The questions that the bot has acknowledged."""
        events = [each.event for each in self.workspace.deliveries if each.acknowledged]
        acknowledged = {(event.get("channel"), event.get("ts")) for event in events}
        return [each for each in self.questions if (each.channel, each.ts) in acknowledged]

    @property
    def is_settled(self) -> bool:
        """Whether Slack shows a whole answer to every acknowledged question."""
        delivering = any(not delivery.settled.is_set() for delivery in self.workspace.deliveries)
        if delivering or self._with_button("stop"):
            return False
        ends = [message for message in self._answers if is_whole(message.shown)]
        if len(ends) < len(self._with_button("again")):
            return False
        seen = " ".join(message.shown for message in self._answers)
        return all(question_label(_number(question)) in seen for question in self.acknowledged)

    async def _say(self, number: int) -> None:
        person = self._rng.choice(self._people)
        drawn, roots = self._rng.random(), self.roots
        channel, thread = self._rng.choice(self._channels), None
        if roots and drawn < 0.4:
            root = self._rng.choice(roots[-10:])
            channel, thread = self.workspace.channels[root.channel], root.ts
        elif drawn > 0.9:
            channel = self.workspace.direct_message(person)
        files = []
        if self._rng.random() < FILE_RATE:
            content = FILE_CONTENT.format(number).encode()
            files.append(self.workspace.share(person, f"{number}.txt", content, "text/plain"))
            self.workspace.files.find(files[0]["id"]).failures = self._rng.randint(0, 1)
        text = f"{self.workspace.bot.mention} {QUESTION.format(number)}"
        await self.workspace.say(person, channel, text, thread=thread, files=files)

    def _with_button(self, name: str) -> list[PostedMessage]:
        action = f"{PREFIX}{name}"
        return [
            message
            for message in self._answers
            if any(element["action_id"] == action for _, element in elements(message.blocks))
        ]

    @property
    def _answers(self) -> list[PostedMessage]:
        messages = self.workspace.messages.values()
        return [each for each in messages if each.author == self.workspace.bot and not each.deleted]


def _number(question: PostedMessage) -> str:
    return question.text.split()[-1]

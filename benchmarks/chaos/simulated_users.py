"""Simulated people who ask questions, and what they see in Slack."""

import asyncio
from contextlib import suppress
from random import Random

from benchmarks.chaos.faulty_model import FILE_CONTENT, is_whole
from benchmarks.chaos.questions import Asked, Questions
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

    def __init__(
        self,
        workspace: Workspace,
        rng: Random,
        *,
        questions_per_second: float = QUESTIONS_PER_SECOND,
        file_rate: float = FILE_RATE,
    ) -> None:
        """`file_rate` is the share of questions with a file."""
        self.workspace = workspace
        self._questions_per_second = questions_per_second
        self._file_rate = file_rate
        self.retries = 0
        """How often people pressed Try again."""
        self._rng = rng
        self._people = [workspace.add_person(f"Person {n}") for n in range(PEOPLE)]
        self._channels = [
            workspace.add_channel(f"c{n}", members=self._people) for n in range(CHANNELS)
        ]
        self.questions = Questions(workspace, self._people)

    async def ask(self) -> None:
        """Asks one question after the other until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            number = 0
            while True:
                number += 1
                tasks.create_task(self._say(number))
                await asyncio.sleep(self._rng.expovariate(self._questions_per_second))

    async def keep_retrying(self) -> None:
        """Presses Try again every second until cancelled."""
        while True:
            await asyncio.sleep(1.0)
            await self.press_try_again()

    async def press_try_again(self) -> None:
        """Presses every Try again button under a failed answer, as somebody who sees it."""
        for message in self.unfinished:
            with suppress(LookupError):  # it is being answered again already
                members = self.workspace.channels[message.channel].members
                person = self._rng.choice([each for each in self._people if each.id in members])
                await self.workspace.click(person, message, f"{PREFIX}again")
                self.retries += 1

    @property
    def answers(self) -> list[PostedMessage]:
        """All messages of the bot."""
        messages = self.workspace.messages.values()
        return [each for each in messages if each.author == self.workspace.bot and not each.deleted]

    @property
    def stoppable(self) -> list[PostedMessage]:
        """The messages with a Stop button."""
        return self._with_button("stop")

    @property
    def unfinished(self) -> list[PostedMessage]:
        """The messages that are not the whole answer, and can be tried again."""
        return [each for each in self._with_button("again") if not is_whole(each.shown)]

    async def _say(self, number: int) -> None:
        person = self._rng.choice(self._people)
        drawn = self._rng.random()
        roots = [each for each in self.questions.roots if not each.deleted]
        channel, thread = self._rng.choice(self._channels), None
        if roots and drawn < 0.4:
            root = self._rng.choice(roots[-10:])
            channel, thread = self.workspace.channels[root.channel], root.ts
        elif drawn > 0.9:
            channel = self.workspace.direct_message(person)
        files = []
        if self._rng.random() < self._file_rate:
            content = FILE_CONTENT.format(number).encode()
            files.append(self.workspace.share(person, f"{number}.txt", content, "text/plain"))
            self.workspace.files.find(files[0]["id"]).failures = self._rng.randint(0, 1)
        text = f"{self.workspace.bot.mention} {Asked(number).text}"
        await self.workspace.say(person, channel, text, thread=thread, files=files)

    def _with_button(self, name: str) -> list[PostedMessage]:
        action = f"{PREFIX}{name}"
        return [
            message
            for message in self.answers
            if any(element["action_id"] == action for _, element in elements(message.blocks))
        ]

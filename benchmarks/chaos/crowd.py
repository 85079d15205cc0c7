"""The people who ask, and what they see."""

import asyncio
from contextlib import suppress
from random import Random

from benchmarks.chaos.faulty_model import ENCLOSED, QUESTION, is_whole, names
from slackbot.playground.fake_slack.messages import PostedMessage, elements
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.slack.buttons import PREFIX

PEOPLE, CHANNELS = 5, 4

RATE = 3.0
"""Questions a second, on average."""

FILES = 0.2
"""How many questions come with a file."""


class Crowd:
    def __init__(self, workspace: Workspace, rng: Random) -> None:
        self.workspace = workspace
        self.pressed = 0
        """How often Try again was pressed."""
        self._rng = rng
        self._people = [workspace.add_person(f"Person {n}") for n in range(PEOPLE)]
        self._channels = [
            workspace.add_channel(f"c{n}", members=self._people) for n in range(CHANNELS)
        ]

    async def ask(self) -> None:
        """People ask one question after the other."""
        async with asyncio.TaskGroup() as tasks:
            number = 0
            while True:
                number += 1
                tasks.create_task(self._say(number))
                await asyncio.sleep(self._rng.expovariate(RATE))

    async def insist(self) -> None:
        """People want their answers."""
        while True:
            await asyncio.sleep(1.0)
            await self.press_again()

    async def press_again(self) -> None:
        """People press Try again, wherever they are told to."""
        for message in self._with_button("again"):
            if not is_whole(message.shown):
                with suppress(LookupError):  # it is being written anew already
                    person = self._rng.choice(self._people)
                    await self.workspace.click(person, message, f"{PREFIX}again")
                    self.pressed += 1

    @property
    def questions(self) -> list[PostedMessage]:
        people = set(self._people)
        return [each for each in self.workspace.messages.values() if each.author in people]

    @property
    def roots(self) -> list[PostedMessage]:
        """The questions that begin a thread."""
        return [each for each in self.questions if each.thread_ts is None]

    @property
    def acknowledged(self) -> list[PostedMessage]:
        """The questions that the bot has taken."""
        told = [each.event for each in self.workspace.deliveries if each.acknowledged]
        taken = {(event.get("channel"), event.get("ts")) for event in told}
        return [each for each in self.questions if (each.channel, each.ts) in taken]

    @property
    def is_settled(self) -> bool:
        """Whether all that was acknowledged has a whole answer, as far as Slack shows it."""
        on_its_way = any(not delivery.settled.is_set() for delivery in self.workspace.deliveries)
        if on_its_way or self._with_button("stop"):
            return False
        ends = [message for message in self._answers if is_whole(message.shown)]
        if len(ends) < len(self._with_button("again")):
            return False
        seen = " ".join(message.shown for message in self._answers)
        return all(names(_number(question)) in seen for question in self.acknowledged)

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
        if self._rng.random() < FILES:
            content = ENCLOSED.format(number).encode()
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

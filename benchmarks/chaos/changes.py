"""People who edit and delete their questions, while Slack reorders and repeats the events."""

import asyncio
from collections.abc import Coroutine, Sequence
from itertools import islice
from random import Random

from benchmarks.chaos.questions import Questions, edited_text
from slackbot.playground.fake_slack.delivery import Delivery
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.fake_slack.workspace import Workspace

CHANGES_PER_SECOND = 0.4
"""How many questions people edit or delete a second, on average. An edit can have an answer written
again, and the bot makes 50 edits a minute.
"""

DELETION_RATE = 0.25
"""The share of the changes that delete the question."""

RECENT = 12
"""People change one of the last questions."""

MAX_EDITS_IN_A_ROW = 3

REPEATABLE = 60
"""Slack repeats one of the last events."""

OVERTAKING_RATE, MAX_OVERTAKING_SECONDS = 0.3, 0.5
"""The share of events about questions that come late, and how late."""

REPEATS_PER_SECOND = 2.0
"""How many events Slack delivers again a second, on average, though they were acknowledged."""


class SimulatedChanges:
    def __init__(self, workspace: Workspace, questions: Questions, rng: Random) -> None:
        self._workspace = workspace
        self._questions = questions
        self._rng = rng
        self.edits = 0
        self.deletions = 0
        self.repeats = 0

    async def run(self) -> None:
        """Changes questions until cancelled."""
        self._workspace.feed.latency = self._latency
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._repeat())
            while True:
                await asyncio.sleep(self._rng.expovariate(CHANGES_PER_SECOND))
                there = [each for each in self._questions.asked if not each.deleted][-RECENT:]
                if there:
                    for change in self._changes(self._rng.choice(there)):
                        tasks.create_task(change)

    def _changes(self, question: PostedMessage) -> Sequence[Coroutine[None, None, object]]:
        workspace, author = self._workspace, question.author
        if self._rng.random() < DELETION_RATE:
            self.deletions += 1
            return [workspace.delete(author, question)]
        count = self._rng.randint(1, MAX_EDITS_IN_A_ROW)
        self.edits += count
        return [self._edit(question) for _ in range(count)]

    async def _edit(self, question: PostedMessage) -> None:
        """Edits at once, while earlier edits may still be on their way."""
        await self._workspace.edit(question.author, question, edited_text(question.text))

    async def _repeat(self) -> None:
        while True:
            await asyncio.sleep(self._rng.expovariate(REPEATS_PER_SECOND))
            known = filter(self._is_repeatable, reversed(self._workspace.deliveries))
            if recent := list(islice(known, REPEATABLE)):
                self.repeats += 1
                await self._workspace.redeliver(self._rng.choice(recent))

    def _is_repeatable(self, delivery: Delivery) -> bool:
        return delivery.acknowledged and self._questions.concerns(delivery)

    def _latency(self, delivery: Delivery) -> float:
        if not self._questions.concerns(delivery) or self._rng.random() > OVERTAKING_RATE:
            return 0.0
        return self._rng.uniform(0, MAX_OVERTAKING_SECONDS)

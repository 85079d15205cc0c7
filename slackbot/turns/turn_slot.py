"""The slot of a turn, which others use while the turn waits for a person."""

import asyncio

from slackbot.conversation.fair_queue import PlaceInLine
from slackbot.turns.fair_semaphore import FairSemaphore


class TurnSlot:
    def __init__(self, semaphore: FairSemaphore, place: PlaceInLine | None) -> None:
        """Without a `place` the turn needs no slot."""
        self._semaphore = semaphore
        self._place = place
        self._taking = asyncio.Lock()

    def give_back(self) -> None:
        """Lets others use the slot."""
        if self._place is not None:
            self._semaphore.give_back(self._place)

    async def take_again(self) -> None:
        """Returns once the turn has its slot again, before all who came later."""
        async with self._taking:
            if self._place is not None:
                await self._semaphore.take_again(self._place)

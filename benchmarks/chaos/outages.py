"""Times at which nothing of Slack can be reached."""

import asyncio
from random import Random

from slackbot.playground.fake_slack.workspace import Workspace

OUTAGES_PER_SECOND = 0.1
MIN_OUTAGE_SECONDS, MAX_OUTAGE_SECONDS = 0.3, 2.5


class SimulatedOutages:
    def __init__(self, workspace: Workspace, rng: Random) -> None:
        self._workspace = workspace
        self._rng = rng
        self.count = 0

    async def run(self) -> None:
        """Takes Slack down from time to time, until cancelled; it is back then."""
        while True:
            await asyncio.sleep(self._rng.expovariate(OUTAGES_PER_SECOND))
            self.count += 1
            self._workspace.faults.outage = self._workspace.sockets.refusing = True
            try:
                await self._workspace.disconnect_sockets(reason=None)
                await asyncio.sleep(self._rng.uniform(MIN_OUTAGE_SECONDS, MAX_OUTAGE_SECONDS))
            finally:
                self._workspace.faults.outage = self._workspace.sockets.refusing = False

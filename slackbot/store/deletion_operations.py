"""What a store deletes, for every kind of database."""

from collections.abc import Callable
from functools import partial

from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.store.forgetting import DataDeletion, Steps
from slackbot.store.record_access import RecordAccess
from slackbot.store.thread_deletion import DeletionReport


class DeletionOperations(RecordAccess):
    async def forget_team(self, team: TeamId) -> DeletionReport:
        """Also what was learned of the services that it uses: Slack's limits, and tools.

        Nothing is written about the workspace any more, by whichever process, until it is admitted
        again.
        """
        await self._begin_removal(team)
        return await self._delete(team, lambda forgetting: forgetting.team(team))

    async def _begin_removal(self, team: TeamId) -> None:
        await self._run(team, lambda records: records.begin_removal(team))

    async def forget_channel(self, channel: ChannelId) -> DeletionReport:
        return await self._delete_everywhere(
            lambda forgetting, team: forgetting.channel(team, channel)
        )

    async def forget_thread(self, channel: ChannelId, ts: Ts) -> DeletionReport:
        """The thread that any of its messages names."""
        return await self._delete_everywhere(
            lambda forgetting, team: forgetting.thread(team, channel, ts)
        )

    async def forget_user(self, user: UserId) -> DeletionReport:
        """What a person said, and the answers to it; turns keep their numbers."""
        return await self._delete_everywhere(lambda forgetting, team: forgetting.user(team, user))

    async def forget_untouched(self, before: float) -> DeletionReport:
        """Conversations in which nothing has happened since that time, by Slack's clock, in seconds
        since the epoch.
        """
        return await self._delete_everywhere(
            lambda forgetting, team: forgetting.untouched(team, before)
        )

    async def claim_cleanup(self) -> bool:
        """Returns whether to delete untouched conversations now, as no other process does."""
        return True

    async def _delete_everywhere(
        self, begin: Callable[[DataDeletion, TeamId], Steps]
    ) -> DeletionReport:
        """In one workspace after the other."""
        gone = DeletionReport()
        for team in await self._read(None, lambda records: records.forgetting.teams()):
            gone += await self._delete(team, partial(_in_team, begin, team))
        return gone


def _in_team(
    begin: Callable[[DataDeletion, TeamId], Steps], team: TeamId, forgetting: DataDeletion
) -> Steps:
    return begin(forgetting, team)

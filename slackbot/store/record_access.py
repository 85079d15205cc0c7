"""How an operation over the records is carried out: each kind of database has its own way."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Literal, TypeVar

from slackbot.conversation.ids import TeamId
from slackbot.store.announcements import Announcement
from slackbot.store.forgetting import DataDeletion, Steps
from slackbot.store.records import Records
from slackbot.store.thread_deletion import DeletionReport

T = TypeVar("T")

Kind = Literal["reading", "durable", "passing"]
"""`reading`: changes nothing, unless rows can't be read and are set aside. `durable`: a power loss
does not undo it once it has returned. `passing`: a power loss may undo it, unless something durable
came later; so it does not wait for the disk. That is for what can be done again: an event stays in
the inbox until it is folded in.
"""


class RecordAccess(ABC):
    @abstractmethod
    async def _run(
        self,
        team: TeamId | None,
        work: Callable[[Records], T],
        kind: Kind = "durable",
        *,
        announcement: Announcement | None = None,
    ) -> T:
        """Carries out an operation as a whole, whatever becomes of the task that waits for it, and
        after what was asked for before in the workspace `team`. None stands for all workspaces.

        The other processes of the database get the announcement, unless `work` returns False.
        """

    async def _write(
        self,
        team: TeamId,
        work: Callable[[Records], bool],
        kind: Kind = "durable",
        *,
        announcement: Announcement | None = None,
    ) -> bool:
        """Does what is done for no owner. False, and nothing is written, if the workspace has
        removed the app.
        """
        return await self._run(
            team,
            lambda records: records.serves(team) and work(records),
            kind,
            announcement=announcement,
        )

    async def _read(self, team: TeamId | None, work: Callable[[Records], T]) -> T:
        return await self._run(team, work, "reading")

    @abstractmethod
    async def _delete(self, team: TeamId, begin: Callable[[DataDeletion], Steps]) -> DeletionReport:
        """Carries out all steps of a deletion in a workspace; other operations come in between."""

"""What a workspace's bot is for those that open it, let it answer, and close it."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from slackbot.conversation.ids import TeamId
from slackbot.conversation.messages import ThreadKey
from slackbot.store import RecordStore


class Sessions(Protocol):
    """`turns.bot.Bot`."""

    def wake(self, thread: ThreadKey) -> None: ...

    def resume(self, threads: Sequence[ThreadKey]) -> None: ...

    def is_busy(self) -> bool: ...

    async def idle(self) -> None: ...

    def abandon(self) -> None: ...


class Answers(Protocol):
    """`app.answering.Answering`."""

    async def begin(self, store: RecordStore, holds: Callable[[], bool]) -> None: ...

    async def end(self, grace: float) -> None: ...

    def abandon(self) -> None: ...

    async def lose(self) -> None: ...


class AnsweringBot(Protocol):
    """`app.workspace_bot.WorkspaceBot`."""

    @property
    def bot(self) -> Sessions: ...

    @property
    def answering(self) -> Answers: ...

    def must_stay(self) -> bool:
        """Whether it keeps anything that would be lost if it was closed."""


AnyBot = TypeVar("AnyBot", bound=AnsweringBot)

AnyBot_co = TypeVar("AnyBot_co", bound=AnsweringBot, covariant=True)


class AnsweringBots(Protocol[AnyBot_co]):
    """`app.workspace_bots.WorkspaceBots`."""

    def opened(self, team: TeamId) -> AnyBot_co | None: ...

    async def get(self, team: TeamId) -> AnyBot_co | None: ...

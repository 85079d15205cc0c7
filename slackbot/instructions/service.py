"""Keeps what is set for the workspace, channels and threads, and changes it for those who may."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Protocol

from slackbot.conversation.messages import ThreadKey
from slackbot.errors import InstructionsError, NotAllowedError, OvertakenError
from slackbot.instructions.permissions import Member, may_appoint, may_change
from slackbot.instructions.scopes import (
    ChangeRecord,
    EffectiveSettings,
    History,
    Revision,
    Scope,
    ScopeSettings,
    effective_settings,
)
from slackbot.markdown import mrkdwn

NOT_YOU = (
    "You may not change the instructions for {scope}. Admins of the workspace may, for a channel "
    "also those whom an admin has named, and for a thread whoever began it: `/instructions who`."
)
NOT_THERE = "I am not in this channel, so nothing was changed: invite me first."
ONLY_ADMINS = "Only admins of the workspace may name others."
NEVER = "Guests, bots and people of other workspaces never may."


class RevisionStore(Protocol):
    """Where setups are stored. Every method may raise StoreError."""

    async def revisions(self, scope: Scope) -> History: ...

    async def last_revision(self, scope: Scope) -> Revision | None: ...

    async def last_revisions(self, scopes: Sequence[Scope]) -> Mapping[Scope, Revision]:
        """The last edition of each scope that has any."""

    async def amend(
        self,
        scope: Scope,
        user: str,
        setup: ScopeSettings,
        *,
        after: int,
        restores: int | None = None,
        origin: str = "",
    ) -> bool:
        """Adds an edition after that of number `after`; false if another one has come after it."""

    async def standing(self, team: str) -> Mapping[Scope, Revision]:
        """The last edition of each scope for which something is set, but for threads."""

    async def change_records(self, team: str, most: int | None = None) -> Sequence[ChangeRecord]:
        """All changes in a workspace in their order, or the last ones of them."""

    async def allowed(self, team: str, channel: str) -> Sequence[str]:
        """The ids of those who may change a channel's setup beside the admins."""

    async def allow(self, team: str, channel: str, user: str, *, may: bool) -> None: ...


class WorkspaceMembers(Protocol):
    """What Slack says of people and places. May raise SlackError."""

    async def member(self, user: str) -> Member:
        """A person's role, at most a minute old."""

    async def fresh_member(self, user: str) -> Member:
        """A person's role now."""

    async def starter(self, thread: Scope) -> str:
        """The id of the person who began a thread; empty where it was no person."""

    async def is_in(self, channel: str) -> bool:
        """Whether the bot is a member of the channel."""


class InstructionsService:
    def __init__(
        self,
        *,
        me: str,
        default: str,
        admins: Collection[str],
        records: RevisionStore,
        registry: WorkspaceMembers,
        display_name: Callable[[str], Awaitable[str | None]],
    ) -> None:
        """`default` holds until somebody sets instructions; `admins` are the ids of people who may
        do so beside the workspace's own; `me` is the bot's user id.
        """
        self.admins = admins
        self.records = records
        self._me = me
        self._default = default
        self._registry = registry
        self._display_name = display_name
        self._told: list[Callable[[], None]] = []

    def tell(self, told: Callable[[], None]) -> None:
        """To be called after every change."""
        self._told.append(told)

    async def effective_settings(self, thread: ThreadKey) -> EffectiveSettings:
        """What holds in a thread. Raises StoreError."""
        return await self.standing(Scope(thread.team, thread.channel, thread.ts))

    async def standing(self, scope: Scope | None) -> EffectiveSettings:
        """What holds in a scope; what the bot was started with for None. Raises StoreError."""
        around: list[Scope] = []
        while scope is not None:
            around.append(scope)
            scope = scope.wider
        last = await self.records.last_revisions(around) if around else {}
        setups = [(scope, last[scope].settings) for scope in around if scope in last]
        return effective_settings(setups, self._default)

    async def may_appoint(self, user: str) -> bool:
        """Whether somebody may change everything. Raises SlackError."""
        return may_appoint(await self._registry.member(user), admins=self.admins)

    async def require(self, user: str, scope: Scope, *, saving: bool = False) -> None:
        """Raises NotAllowedError unless this person may change what is set for a scope, and
        InstructionsError where the bot is not, StoreError or SlackError where nobody can say.
        Where a change is being saved the person's role is asked for again.
        """
        look_up = self._registry.fresh_member if saving else self._registry.member
        member = await look_up(user)
        allowed: Sequence[str] = ()
        starter = ""
        if scope.channel and not member.outsider:
            allowed = await self.records.allowed(scope.team, scope.channel)
        if scope.thread and not may_appoint(member, admins=self.admins):
            starter = await self._registry.starter(scope)
        if not may_change(member, scope, admins=self.admins, allowed=allowed, starter=starter):
            raise NotAllowedError(NOT_YOU.format(scope=scope))
        if scope.channel and not scope.thread and not await self._registry.is_in(scope.channel):
            raise InstructionsError(NOT_THERE)

    async def amend(
        self,
        scope: Scope,
        user: str,
        setup: ScopeSettings,
        *,
        after: int,
        restores: int | None = None,
        origin: str = "",
    ) -> Revision:
        """Sets it, for somebody who may, who has seen the edition of number `after`.

        Raises OvertakenError where another has come after that one, and StoreError.
        """
        added = await self.records.amend(
            scope, user, setup, after=after, restores=restores, origin=origin
        )
        last = await self.records.last_revision(scope)
        if not added or last is None:
            raise OvertakenError
        for told in self._told:
            told()
        return last

    async def appoint(self, user: str, scope: Scope, people: Collection[str], *, may: bool) -> None:
        """Says for an admin who else may change a channel's setup.

        Raises InstructionsError, StoreError or SlackError.
        """
        if not may_appoint(await self._registry.fresh_member(user), admins=self.admins):
            raise NotAllowedError(ONLY_ADMINS)
        if may and any([(await self._registry.member(each)).outsider for each in people]):
            raise InstructionsError(NEVER)
        if not await self._registry.is_in(scope.channel):
            raise InstructionsError(NOT_THERE)
        for each in people:
            await self.records.allow(scope.team, scope.channel, each, may=may)

    async def name_of(self, user: str) -> str:
        """What a person is called; their id where Slack does not tell."""
        return await self._display_name(user) or user

    async def read(self, markup: str) -> str:
        """What somebody wrote in Slack's markup as the model is to read it: with people's names."""
        people = mrkdwn.mentioned_users(markup)
        found = {user: await self._display_name(user) for user in people}
        names = {user: name for user, name in found.items() if name is not None}
        return mrkdwn.to_plain_text(markup, names, self._me)

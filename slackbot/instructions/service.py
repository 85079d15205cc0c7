"""Reads and changes what is set for the workspace, channels and threads, for people who may."""

from collections.abc import Callable, Collection, Mapping, Sequence
from copy import copy
from functools import partial
from typing import Protocol

from slackbot.conversation.ids import ChannelId, TeamId, UserId
from slackbot.conversation.messages import ThreadKey
from slackbot.conversation.roles import Member, Role, is_admin, role_of
from slackbot.errors import EditConflictError, InstructionsError, NotAllowedError
from slackbot.instructions import texts
from slackbot.instructions.permissions import can_change, can_read
from slackbot.instructions.revisions import ChangeRecord, History, Revision, SettingsChange
from slackbot.instructions.scopes import Presence, Scope
from slackbot.instructions.settings import (
    EffectiveSettings,
    ScopeSettings,
    UnreadableSettings,
    effective_settings,
    unreadable_settings,
)


class RevisionStore(Protocol):
    """Where revisions are stored. Every method may raise StoreError."""

    async def revisions(self, scope: Scope) -> History: ...

    async def last_revision(self, scope: Scope) -> Revision | None: ...

    async def last_revisions(self, scopes: Sequence[Scope]) -> Mapping[Scope, Revision]:
        """The last revision of each of the scopes that has any."""

    async def add_revision(self, scope: Scope, change: SettingsChange) -> bool:
        """Adds the next revision; False if there is one already after `change.after`, or if the
        message with the command for its thread was forgotten.
        """

    async def current_revisions(self, team: TeamId) -> Mapping[Scope, Revision]:
        """The last revision of the workspace and of each channel, if it sets anything."""

    async def change_records(self, team: TeamId, most: int | None = None) -> Sequence[ChangeRecord]:
        """The changes in a workspace, oldest first: all, or the last `most` of them."""

    async def allowed(self, team: TeamId, channel: ChannelId) -> Sequence[UserId]:
        """The user IDs of people whom an admin allowed to change a channel's settings."""

    async def allow(self, team: TeamId, channel: ChannelId, user: UserId, *, may: bool) -> None:
        """Adds a person to those, or removes them."""


class WorkspaceMembers(Protocol):
    """What Slack says about people and places. Every method may raise SlackError."""

    async def member(self, user: UserId) -> Member:
        """A person's role, at most a minute old."""

    async def fresh_member(self, user: UserId) -> Member:
        """A person's role now."""

    async def starter(self, thread: Scope) -> UserId:
        """The user ID of the person who started a thread; empty if it was no person."""

    async def sees(self, user: UserId, channel: ChannelId) -> bool:
        """Whether Slack shows a channel to a person now."""

    async def presence(self, channel: ChannelId) -> Presence:
        """Whether the bot is a member of the channel, and people can write there."""


class InstructionsService:
    def __init__(
        self,
        *,
        default_text: str,
        admins: Collection[UserId],
        revision_store: RevisionStore,
        members: WorkspaceMembers,
    ) -> None:
        """`default_text` applies until somebody sets instructions. `admins` are the user IDs of
        people who count as admins in addition to those of the workspace.
        """
        self.admins = admins
        self.revision_store = revision_store
        self._default_text = default_text
        self._members = members
        self._listeners: list[Callable[[], None]] = []

    def of_owner(
        self, revision_store: RevisionStore, members: WorkspaceMembers
    ) -> "InstructionsService":
        """The same for those who act as the workspace's owner: `revision_store` takes no change
        from another replica. The listeners are the same.
        """
        other = copy(self)
        other.revision_store = revision_store
        other._members = members  # noqa: SLF001 - of its own class
        return other

    def on_change(self, listener: Callable[[], None]) -> None:
        """Calls a function after every change."""
        self._listeners.append(listener)

    async def effective_settings(self, thread: ThreadKey) -> EffectiveSettings:
        """What applies in a thread. Raises StoreError."""
        return await self.settings_in(Scope(thread.team, thread.channel, thread.ts))

    async def settings_in(self, scope: Scope | None) -> EffectiveSettings:
        """What applies in a scope; for None, what the bot was started with. Raises StoreError.

        If a part of it can't be read, the result says so: the default must not take its place.
        """
        scopes: list[Scope] = []
        while scope is not None:
            scopes.append(scope)
            scope = scope.wider
        last = await self.revision_store.last_revisions(scopes) if scopes else {}
        found: list[tuple[Scope, ScopeSettings]] = []
        for each in scopes:
            if each not in last:
                continue
            revision = last[each]
            if revision.settings is None:
                unreadable = UnreadableSettings(each, revision.number)
                return unreadable_settings(unreadable, self._default_text)
            found.append((each, revision.settings))
        return effective_settings(found, self._default_text)

    async def people_who_know(self, scope: Scope) -> set[UserId]:
        """The admins of the bot's settings, and the people who changed what is set for a scope: who
        can say what was set there. Raises StoreError.
        """
        history = await self.revision_store.revisions(scope)
        return {*self.admins, *(revision.user for revision in history if revision.user)}

    async def role(self, user: UserId) -> Role:
        """A person's role, at most a minute old. Raises SlackError."""
        return role_of(await self._members.member(user), admins=self.admins)

    async def require_reader(self, user: UserId, scope: Scope) -> None:
        """Returns if a person can read what is set for a scope, and its history.

        Raises NotAllowedError if not, and SlackError if Slack does not say.
        """
        member = await self._members.member(user)
        sees = await self._sees(member, scope)
        if not can_read(member, scope, admins=self.admins, sees=sees):
            raise NotAllowedError(texts.cannot_read(member.role))

    async def require_permission(self, user: UserId, scope: Scope, *, fresh: bool = False) -> None:
        """Returns if a person can change what is set for a scope.

        Raises NotAllowedError if not, InstructionsError if the bot is not in the channel, and
        StoreError or SlackError if that can't be found out. `fresh` asks Slack for the person's
        role again, as it may have changed within the last minute: every change asks so, last.
        """
        look_up = self._members.fresh_member if fresh else self._members.member
        member = await look_up(user)
        if member.role < Role.MEMBER:
            raise NotAllowedError(texts.MEMBERS_CHANGE)
        if not await self._can_change(member, scope):
            raise NotAllowedError(texts.cannot_change(scope))
        if scope.channel and not scope.thread:
            await self._require_presence(scope.channel)

    async def change(self, scope: Scope, change: SettingsChange) -> Revision:
        """Makes a change for somebody who has the permission.

        Raises EditConflictError if another change came first, and StoreError.
        """
        added = await self.revision_store.add_revision(scope, change)
        last = await self.revision_store.last_revision(scope)
        if not added or last is None:
            raise EditConflictError
        for listener in self._listeners:
            listener()
        return last

    async def set_allowed(
        self, user: UserId, scope: Scope, people: Collection[UserId], *, may: bool
    ) -> None:
        """Lets people change a channel's settings, or no longer, if `user` is an admin.

        Raises InstructionsError, StoreError or SlackError.
        """
        if await self.role(user) < Role.ADMIN:
            raise NotAllowedError(texts.ADMINS_ONLY)
        if may and any([(await self._members.member(each)).role < Role.MEMBER for each in people]):
            raise InstructionsError(texts.OUTSIDERS_NOT_ALLOWED)
        await self._require_presence(scope.channel)
        # What came before may have taken seconds.
        if not is_admin(await self._members.fresh_member(user), admins=self.admins):
            raise NotAllowedError(texts.ADMINS_ONLY)
        for each in people:
            await self.revision_store.allow(scope.team, scope.channel, each, may=may)

    async def _can_change(self, member: Member, scope: Scope) -> bool:
        allowed: Sequence[UserId] = ()
        starter = UserId("")
        if scope.thread:
            if not is_admin(member, admins=self.admins):
                starter = await self._members.starter(scope)
        elif scope.channel:
            allowed = await self.revision_store.allowed(scope.team, scope.channel)
        may = partial(
            can_change, member, scope, admins=self.admins, allowed=allowed, starter=starter
        )
        return may(sees=True) and may(sees=await self._sees(member, scope))

    async def _sees(self, member: Member, scope: Scope) -> bool:
        """Whether Slack shows a scope's channel to a person, if that matters."""
        role = role_of(member, admins=self.admins)
        if not scope.channel or role is not Role.MEMBER:
            return False
        return await self._members.sees(member.user, scope.channel)

    async def _require_presence(self, channel: ChannelId) -> None:
        presence = await self._members.presence(channel)
        if presence != "member":
            raise InstructionsError(texts.ABSENCES[presence])

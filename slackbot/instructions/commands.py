"""Where people give orders: what they are told who write something behind `/instructions`."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from slackbot.conversation.attachment import Attachment
from slackbot.errors import AttachmentError, InstructionsError, SlackError, StoreError
from slackbot.instructions import texts
from slackbot.instructions.command_parser import Command, order_from
from slackbot.instructions.scopes import LIMIT, Scope, ScopeSettings, settings_at, undone, written
from slackbot.instructions.service import InstructionsService
from slackbot.markdown import mrkdwn

UNSURE = "Slack does not say at the moment whether you may do that. Please try again in a minute."
NOBODY = "Mention somebody: `/instructions allow @person`."
NOT_EVERYWHERE = "People are named for a channel: leave the word `workspace`."
WHICH = "Say which one: `restore NUMBER`; `history` lists them."


class DocumentReader(Protocol):
    async def text(self, channel: str, attachment: Attachment, most: int) -> str:
        """What stands in a file that was shared in the channel, or nowhere yet, of which no more
        than `most` characters are wanted. Raises AttachmentError.
        """


class InstructionsCommands:
    def __init__(
        self, instructions_service: InstructionsService, documents: DocumentReader
    ) -> None:
        self._instructions_service = instructions_service
        self._records = instructions_service.records
        self._documents = documents

    async def answer(
        self,
        user: str,
        here: Scope,
        words: str,
        *,
        origin: str = "",
        files: Sequence[Attachment] = (),
    ) -> str:
        """What a person is told who gives an order somewhere; in threads in a message whose ts is
        `origin`, to which they may attach what they would else write.
        """
        order = order_from(words)
        scope = Scope(here.team) if order.workspace else here
        try:
            if order.verb in {"set", "append"} and not order.rest and files:
                await self._instructions_service.require(
                    user, scope
                )  # before anything is fetched for them
                attached = await self._documents.text(here.channel, files[0], LIMIT + 1)
                return await self._change(user, scope, order, origin, attached)
            return await self._obey(user, scope, order, origin)
        except (InstructionsError, AttachmentError, StoreError) as err:
            return err.user_message
        except SlackError:
            return UNSURE

    async def _obey(self, user: str, scope: Scope, order: Command, origin: str) -> str:
        match order.verb:
            case "show" | "edit":
                return texts.shown(scope, await self._instructions_service.standing(scope))
            case "help":
                return texts.HELP
            case "history":
                return texts.listed(scope, await self._records.revisions(scope))
            case "who":
                return await self._who(scope)
            case "allow" | "disallow":
                return await self._appoint(user, scope, order)
        return await self._change(user, scope, order, origin)

    async def _change(
        self, user: str, scope: Scope, order: Command, origin: str, attached: str | None = None
    ) -> str:
        await self._instructions_service.require(user, scope, saving=True)
        history = await self._records.revisions(scope)
        if origin and origin in {revision.origin for revision in history}:
            return await self._obey(user, scope, Command("show"), origin)  # a crash cut that short
        before = settings_at(history, len(history))
        restores: int | None = None
        match order.verb:
            case "set" | "append":
                after = replace(before, text=await self._text(scope, before, order, attached))
            case "reset":
                after = ScopeSettings(prompts=before.prompts)
            case _:
                restores = undone(history) if order.verb == "undo" else _number(order.rest)
                after = settings_at(history, restores)
        if after == before:
            return f"That is what is set for {scope} already."
        revision = await self._instructions_service.amend(
            scope, user, after, after=len(history), restores=restores, origin=origin
        )
        shown = texts.shown(scope, await self._instructions_service.standing(scope))
        return f"{texts.changed(scope, before, revision)}\n\n{shown}"

    async def _text(
        self, scope: Scope, before: ScopeSettings, order: Command, attached: str | None
    ) -> str:
        """What the instructions are to say; what is added is added to what holds."""
        said = await self._instructions_service.read(order.rest) if attached is None else attached
        if order.verb == "set":
            return written(said)
        return written(said, before.text or (await self._instructions_service.standing(scope)).text)

    async def _who(self, scope: Scope) -> str:
        who = "The workspace's owners and admins"
        if self._instructions_service.admins:
            who += f", {texts.people(self._instructions_service.admins)}"
        if scope.channel:
            allowed = await self._records.allowed(scope.team, scope.channel)
            who += f"; in this channel also {texts.people(allowed)}" if allowed else ""
        if scope.thread:
            who += "; in this thread also whoever began it"
        return f"Who may change the instructions for {scope}: {who}."

    async def _appoint(self, user: str, scope: Scope, order: Command) -> str:
        if not scope.channel:
            raise InstructionsError(NOT_EVERYWHERE)
        people = mrkdwn.mentioned_users(order.rest)
        if not people:
            raise InstructionsError(NOBODY)
        channel = Scope(scope.team, scope.channel)
        await self._instructions_service.appoint(user, channel, people, may=order.verb == "allow")
        return await self._who(channel)


def _number(rest: str) -> int:
    if not rest.isdecimal() or len(rest) > 8:  # noqa: PLR2004 - digits
        raise InstructionsError(WHICH)
    return int(rest)

"""Carries out the commands that people write after `/instructions`, and answers them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from slackbot.conversation.attachment import Attachment
from slackbot.conversation.ids import Ts, UserId
from slackbot.errors import AttachmentError, InstructionsError, SlackError, StoreError
from slackbot.instructions import summaries, texts
from slackbot.instructions.command_parser import Command
from slackbot.instructions.instruction_text import validate_instructions
from slackbot.instructions.revisions import SettingsChange, settings_at, undo_target
from slackbot.instructions.scopes import Scope
from slackbot.instructions.service import InstructionsService
from slackbot.instructions.settings import NO_SETTINGS, ScopeSettings
from slackbot.instructions.text_reader import TextReader
from slackbot.markdown import mrkdwn

MAX_NUMBER_DIGITS = 8


class InstructionsCommands:
    def __init__(self, instructions_service: InstructionsService, text_reader: TextReader) -> None:
        self._instructions_service = instructions_service
        self._revision_store = instructions_service.revision_store
        self._text_reader = text_reader

    async def answer(
        self,
        user: UserId,
        here: Scope,
        command: Command,
        *,
        request_ts: Ts = Ts(""),
        files: Sequence[Attachment] = (),
    ) -> str:
        """Carries out a command that a person gives in the scope `here`, and answers them.

        A command in a thread comes in a message: `request_ts` is its ts, and the first of its
        `files` holds the text of a `set` or `append` that has none.
        """
        try:
            return await self._run(_Request(user, here, command, request_ts, files))
        except (InstructionsError, AttachmentError, StoreError) as err:
            return err.user_message
        except SlackError:
            return texts.PERMISSIONS_UNKNOWN

    async def _run(self, request: "_Request") -> str:
        match request.command.verb:
            case "show" | "edit":
                await self._instructions_service.require_reader(request.user, request.scope)
                return await self._show(request.scope)
            case "help":
                return texts.HELP
            case "history":
                await self._instructions_service.require_reader(request.user, request.scope)
                history = await self._revision_store.revisions(request.scope)
                return summaries.history_list(request.scope, history)
            case "who":
                await self._instructions_service.require_reader(request.user, request.scope)
                return await self._who(request.scope)
            case "allow" | "disallow":
                return await self._allow(request)
            case _:
                return await self._change(request)

    async def _show(self, scope: Scope) -> str:
        settings = await self._instructions_service.settings_in(scope)
        if settings.unreadable is not None:
            return texts.unreadable(settings.unreadable.scope, settings.unreadable.number)
        return summaries.current_settings(scope, settings)

    async def _who(self, scope: Scope) -> str:
        allowed: Sequence[UserId] = ()
        if scope.channel and not scope.thread:
            allowed = await self._revision_store.allowed(scope.team, scope.channel)
        admins = summaries.mentions(self._instructions_service.admins)
        return texts.who_can_change(scope, admins, summaries.mentions(allowed))

    async def _allow(self, request: "_Request") -> str:
        scope, command = request.scope, request.command
        if not scope.channel:
            raise InstructionsError(texts.CHANNELS_ONLY)
        people = [UserId(each) for each in mrkdwn.mentioned_users(command.argument)]
        if not people:
            raise InstructionsError(texts.MENTION_SOMEBODY)
        if len(people) > texts.MAX_ALLOWED_AT_ONCE:
            raise InstructionsError(texts.TOO_MANY_PEOPLE)
        channel = Scope(scope.team, scope.channel)
        may = command.verb == "allow"
        await self._instructions_service.set_allowed(request.user, channel, people, may=may)
        return await self._who(channel)

    async def _change(self, request: "_Request") -> str:
        scope, command, request_ts = request.scope, request.command, request.request_ts
        service, text = self._instructions_service, ""
        if command.verb in {"set", "append"}:
            await service.require_permission(request.user, scope)
            text = await self._text(request)  # may take seconds: the rest comes after it
        await service.require_permission(request.user, scope, fresh=True)
        history = await self._revision_store.revisions(scope)
        if request_ts and any(each.request_ts == request_ts for each in history):
            return await self._show(scope)  # it was carried out already, before a crash
        before = history[-1].settings if history else NO_SETTINGS
        restores: int | None = None
        match command.verb:
            case "set":
                after = replace(before or NO_SETTINGS, text=validate_instructions(text))
            case "append":
                existing = await self._existing_text(scope, before)
                after = replace(before or NO_SETTINGS, text=validate_instructions(text, existing))
            case "reset":
                after = ScopeSettings(prompts=before.prompts if before is not None else None)
            case _:
                is_undo = command.verb == "undo"
                restores = undo_target(history) if is_undo else _number(command.argument)
                after = settings_at(history, restores)
        if after == before:
            return texts.unchanged(scope)
        change = SettingsChange(request.user, after, len(history), restores, request_ts)
        revision = await service.change(scope, change)
        return f"{summaries.saved(scope, before, revision)}\n\n{await self._show(scope)}"

    async def _existing_text(self, scope: Scope, before: ScopeSettings | None) -> str:
        """The text that is added to. Raises InstructionsError if it can't be read."""
        if before is not None and before.text:
            return before.text
        settings = await self._instructions_service.settings_in(scope)
        if settings.unreadable is not None:
            raise InstructionsError(texts.cannot_append(settings.unreadable.number))
        return settings.text

    async def _text(self, request: "_Request") -> str:
        """The text that a command brings, in the message or in a file."""
        if request.files and not request.command.argument:
            return await self._text_reader.file_text(request.here.channel, request.files[0])
        return await self._text_reader.plain_text(request.command.argument)


@dataclass(frozen=True, slots=True)
class _Request:
    """The arguments of `answer`."""

    user: UserId
    here: Scope
    command: Command
    request_ts: Ts
    files: Sequence[Attachment]

    @property
    def scope(self) -> Scope:
        """The scope that the command is about."""
        return Scope(self.here.team) if self.command.workspace else self.here


def _number(argument: str) -> int:
    if not argument.isdecimal() or len(argument) > MAX_NUMBER_DIGITS:
        raise InstructionsError(texts.WHICH_VERSION)
    return int(argument)

"""Keeps the instructions: says which hold, and changes them for those who may."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import UTC, datetime
from typing import Protocol

from slackbot import text
from slackbot.authority import Member, may_appoint, may_change
from slackbot.conversation import ThreadKey
from slackbot.errors import InstructionsError, SlackError
from slackbot.instructions import LIMIT, Edition, History, Scope, text_of, undone, written
from slackbot.orders import Order, order_from

NOT_YOU = (
    "You may not change the instructions for {scope}. Admins of the workspace may, and for a "
    "channel also those whom an admin has named: `/instructions who`."
)
UNSURE = "Slack does not say at the moment whether you may do that. Please try again in a minute."
OVERTAKEN = "Somebody else changed them at the same moment: look at them, and try again."
NOBODY = "Mention somebody: `/instructions allow @person`."

HELP = f"""\
*What the assistant is told to be*, here or, with the first word `workspace`, everywhere:
• `/instructions show`: what holds here, and where it comes from
• `/instructions set TEXT`, `append TEXT`: up to {LIMIT:,} characters in all
• `/instructions reset`: from then on what is set for the workspace holds here
• `/instructions history`, `undo`, `restore NUMBER`: nothing is ever lost
• `/instructions allow @person`, `disallow @person`, `who`: who may change them in this channel
• `/instructions help`"""

LATEST = 20
"""How many editions the history shows."""


class Records(Protocol):
    """Where instructions are stored. Every method may raise StoreError."""

    async def editions(self, scope: Scope) -> History: ...

    async def last_edition(self, scope: Scope) -> Edition | None: ...

    async def amend(
        self,
        scope: Scope,
        user: str,
        text: str | None,
        *,
        after: int,
        restores: int | None = None,
    ) -> bool:
        """Adds an edition after that of number `after`; false if another one has come after it."""

    async def allowed(self, team: str, channel: str) -> Sequence[str]:
        """The ids of those who may change a channel's instructions beside the admins."""

    async def allow(self, team: str, channel: str, user: str, *, may: bool) -> None: ...


class Registry(Protocol):
    """What Slack says of people. May raise SlackError."""

    async def member(self, user: str) -> Member: ...


class Clerk:
    def __init__(  # noqa: PLR0913 - what it looks things up in
        self,
        *,
        me: str,
        default: str,
        admins: Collection[str],
        records: Records,
        registry: Registry,
        display_name: Callable[[str], Awaitable[str | None]],
    ) -> None:
        """`default` holds until somebody sets instructions; `admins` are the ids of people who may
        do so beside the workspace's own; `me` is the bot's user id.
        """
        self._me = me
        self._default = default
        self._admins = admins
        self._records = records
        self._registry = registry
        self._display_name = display_name

    async def in_force(self, thread: ThreadKey) -> str:
        """The instructions that hold in a thread. Raises StoreError."""
        _, instructions = await self._in_force(Scope(thread.team, thread.channel, thread.ts))
        return instructions

    async def answer(self, user: str, here: Scope, words: str) -> str:
        """What a person is told who gives an order somewhere. Raises StoreError."""
        order = order_from(words)
        scope = Scope(here.team) if order.workspace else here
        try:
            return await self._obey(user, scope, order)
        except InstructionsError as err:
            return err.user_message
        except SlackError:
            return UNSURE

    async def _obey(self, user: str, scope: Scope, order: Order) -> str:  # noqa: PLR0911 - orders
        match order.verb:
            case "show":
                return await self._shown(scope)
            case "help":
                return HELP
            case "history":
                return _listed(scope, await self._records.editions(scope))
            case "who":
                return await self._who(scope)
            case "allow" | "disallow":
                return await self._appoint(user, scope, order)
        await self._require(user, scope)
        history = await self._records.editions(scope)
        match order.verb:
            case "set":
                return await self._amend(user, scope, history, written(await self._read(order)))
            case "append":
                before = text_of(history, len(history))
                added = written(await self._read(order), before)
                return await self._amend(user, scope, history, added)
            case "reset":
                return await self._amend(user, scope, history, None)
            case "undo":
                number = undone(history)
            case _:
                number = _number(order.rest)
        return await self._amend(user, scope, history, text_of(history, number), restores=number)

    async def _amend(
        self,
        user: str,
        scope: Scope,
        history: History,
        after: str | None,
        *,
        restores: int | None = None,
    ) -> str:
        number = len(history)
        if after == text_of(history, number):
            return f"That is what holds for {scope} already."
        if not await self._records.amend(scope, user, after, after=number, restores=restores):
            return OVERTAKEN
        if after is None:
            done = f"The instructions of {scope} were taken back."
        else:
            done = f"The instructions for {scope} were changed (number {number + 1})."
        return f"{done} `undo` takes that back.\n\n{await self._shown(scope)}"

    async def _shown(self, scope: Scope) -> str:
        source, instructions = await self._in_force(scope)
        origin = f"set for {source}" if source is not None else "as the bot was started with"
        return f"The instructions in force for {scope}, {origin}:\n>>> {text.as_text(instructions)}"

    async def _in_force(self, scope: Scope) -> tuple[Scope | None, str]:
        """The scope that they are set for, None where it is the default; and the instructions."""
        around: Scope | None = scope
        while around is not None:
            last = await self._records.last_edition(around)
            if last is not None and last.text is not None:
                return around, last.text
            around = around.wider
        return None, self._default

    async def _read(self, order: Order) -> str:
        """What follows the verb as the model is to read it."""
        people = text.mentioned(order.rest)
        found = {user: await self._display_name(user) for user in people}
        names = {user: name for user, name in found.items() if name is not None}
        return text.plain(order.rest, names, self._me)

    async def _who(self, scope: Scope) -> str:
        who = "The workspace's owners and admins"
        if self._admins:
            who += f", {_people(self._admins)}"
        if scope.channel:
            allowed = await self._records.allowed(scope.team, scope.channel)
            who += f"; in this channel also {_people(allowed)}" if allowed else ""
        return f"Who may change the instructions for {scope}: {who}."

    async def _appoint(self, user: str, scope: Scope, order: Order) -> str:
        if not scope.channel:
            raise InstructionsError("People are named for a channel: leave the word `workspace`.")
        if not may_appoint(await self._registry.member(user), admins=self._admins):
            raise InstructionsError("Only admins of the workspace may name others.")
        people = text.mentioned(order.rest)
        if not people:
            raise InstructionsError(NOBODY)
        may = order.verb == "allow"
        for each in people:
            if may and (await self._registry.member(each)).outsider:
                raise InstructionsError("Guests, bots and people of other workspaces never may.")
        for each in people:
            await self._records.allow(scope.team, scope.channel, each, may=may)
        return await self._who(scope)

    async def _require(self, user: str, scope: Scope) -> None:
        allowed = await self._records.allowed(scope.team, scope.channel) if scope.channel else ()
        member = await self._registry.member(user)
        if not may_change(member, scope, admins=self._admins, allowed=allowed, starter=""):
            raise InstructionsError(NOT_YOU.format(scope=scope))


def _listed(scope: Scope, history: History) -> str:
    if not history:
        return f"Nothing was ever set for {scope}."
    lines = [_line(edition) for edition in reversed(history[-LATEST:])]
    return "\n".join((f"The instructions of {scope}, the latest first:", *lines))


def _line(edition: Edition) -> str:
    when = datetime.fromtimestamp(edition.at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    date = f"<!date^{edition.at}^{{date_short_pretty}} {{time}}|{when}>"
    if edition.text is None:
        said = "_taken back_"
    else:
        said = text.notification(edition.text.split("\n", 1)[0])
    again = f" (again number {edition.restores})" if edition.restores else ""
    return f"{edition.number}. {date}, <@{edition.user}>: {said}{again}"


def _people(users: Collection[str]) -> str:
    return ", ".join(f"<@{user}>" for user in sorted(users))


def _number(rest: str) -> int:
    if not rest.isdecimal() or len(rest) > 8:  # noqa: PLR2004 - digits
        raise InstructionsError("Say which one: `restore NUMBER`; `history` lists them.")
    return int(rest)

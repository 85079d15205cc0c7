"""What people write behind `/instructions`, or to the bot in a thread, read. Pure."""

from dataclasses import dataclass
from typing import Literal, get_args

from slackbot.conversation.addressing import is_addressed
from slackbot.conversation.messages import Message
from slackbot.markdown import mrkdwn

Verb = Literal[
    "edit",
    "show",
    "set",
    "append",
    "reset",
    "history",
    "undo",
    "restore",
    "allow",
    "disallow",
    "who",
    "help",
]
VERBS: tuple[Verb, ...] = get_args(Verb)

KEYWORD = "instructions"


@dataclass(frozen=True, slots=True)
class Command:
    verb: Verb
    rest: str = ""
    """What follows the verb, in Slack's markup."""
    workspace: bool = False
    """For the whole workspace, and not only here."""


def order_from(words: str) -> Command:
    """The order that the words give; no words want to edit, unknown ones get help."""
    first, rest = _split(words)
    workspace = first == "workspace"
    if workspace:
        first, rest = _split(rest)
    if not first:
        return Command("edit", workspace=workspace)
    if first not in VERBS:
        return Command("help")
    return Command(first, rest, workspace)


def order_in(message: Message, me: str) -> str | None:
    """The words of an order that a message gives to the bot, whose user id is `me`; None where it
    is a message like any other.

    Slack has no commands in threads. The keyword may also begin a question (`instructions for my
    printer?`): what follows it must be one word at the most, or a verb with what belongs to it.
    """
    if not is_addressed(message, me):
        return None
    keyword, words = _split(mrkdwn.strip_mentions(message.markup, me).strip())
    if keyword != KEYWORD:
        return None
    return words if len(words.split()) <= 1 or _is_complete(order_from(words)) else None


def _is_complete(order: Command) -> bool:
    """Whether a verb is followed by what belongs to it, and by nothing where nothing does."""
    match order.verb:
        case "set" | "append":
            return bool(order.rest)
        case "restore":
            return order.rest.isdecimal()
        case "allow" | "disallow":
            return bool(mrkdwn.mentioned_users(order.rest))
        case "help":
            return False
    return not order.rest


def _split(words: str) -> tuple[str, str]:
    """The first word in lower case, and what follows it as it is."""
    first, *rest = words.split(maxsplit=1) or [""]
    return first.lower(), rest[0].strip() if rest else ""

"""Parses what people write after `/instructions`, or to the bot in a thread. Pure."""

from dataclasses import dataclass
from typing import Literal, get_args

from slackbot.conversation.addressing import is_addressed
from slackbot.conversation.ids import UserId
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

CHANGES = frozenset[Verb]({"set", "append", "reset", "undo", "restore", "allow", "disallow"})
"""The verbs whose commands change something, so that each may be carried out once."""

KEYWORD = "instructions"


@dataclass(frozen=True, slots=True)
class Command:
    verb: Verb
    argument: str = ""
    """What follows the verb, in Slack's markup."""
    workspace: bool = False
    """The command is about the whole workspace, not only the place where it was written."""


def parse_command(text: str) -> Command:
    """Parses what follows the keyword: no text means `edit`, an unknown verb means `help`."""
    verb, argument = _split(text)
    workspace = verb == "workspace"
    if workspace:
        verb, argument = _split(argument)
    if not verb:
        return Command("edit", workspace=workspace)
    if verb not in VERBS:
        return Command("help")
    return Command(verb, argument, workspace)


def find_command(message: Message, bot_user: UserId) -> Command | None:
    """The command that a message gives to the bot; None for any other message.

    Slack has no slash commands in threads, so the keyword may also begin a question (`instructions
    for my printer?`). It is a command if one word at most follows, or a verb with the argument
    that it needs.
    """
    if not is_addressed(message, bot_user):
        return None
    keyword, text = _split(mrkdwn.strip_mentions(message.markup, bot_user).strip())
    if keyword != KEYWORD:
        return None
    command = parse_command(text)
    return command if len(text.split()) <= 1 or _is_complete(command) else None


def _is_complete(command: Command) -> bool:
    """Whether a verb has the argument that it needs, and none if it needs none."""
    match command.verb:
        case "set" | "append":
            return bool(command.argument)
        case "restore":
            return command.argument.isdecimal()
        case "allow" | "disallow":
            return bool(mrkdwn.mentioned_users(command.argument))
        case "help":
            return False
    return not command.argument


def _split(text: str) -> tuple[str, str]:
    """The first word in lower case, and the rest as it is."""
    first, *rest = text.split(maxsplit=1) or [""]
    return first.lower(), rest[0].strip() if rest else ""

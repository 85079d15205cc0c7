"""What people write behind `/instructions`, read. Pure."""

from dataclasses import dataclass
from typing import Literal, get_args

Verb = Literal[
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


@dataclass(frozen=True, slots=True)
class Order:
    verb: Verb
    rest: str = ""
    """What follows the verb, in Slack's markup."""
    workspace: bool = False
    """For the whole workspace, and not only here."""


def order_from(words: str) -> Order:
    """The order that the words give; no words show the instructions, unknown ones get help."""
    first, rest = _split(words)
    workspace = first == "workspace"
    if workspace:
        first, rest = _split(rest)
    if not first:
        return Order("show", workspace=workspace)
    if first not in VERBS:
        return Order("help")
    return Order(first, rest, workspace)


def _split(words: str) -> tuple[str, str]:
    """The first word in lower case, and what follows it as it is."""
    first, *rest = words.split(maxsplit=1) or [""]
    return first.lower(), rest[0].strip() if rest else ""

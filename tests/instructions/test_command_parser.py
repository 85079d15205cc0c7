"""What people write behind the command."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.conversation.messages import Message, ThreadKey
from slackbot.instructions.command_parser import VERBS, Command, order_from, order_in


@pytest.mark.parametrize(
    ("words", "order"),
    [
        ("", Command("edit")),
        ("  ", Command("edit")),
        ("show", Command("show")),
        ("SET You are a Pirate.\nArr! ", Command("set", "You are a Pirate.\nArr!")),
        ("set", Command("set")),
        ("workspace", Command("edit", workspace=True)),
        ("Workspace set  be kind", Command("set", "be kind", workspace=True)),
        ("workspace workspace", Command("help")),
        ("restore 3", Command("restore", "3")),
        ("make it nice", Command("help")),
        ("settings", Command("help")),
    ],
)
def test_orders(words: str, order: Command) -> None:
    """The first word is the verb, in any case; `workspace` may stand before it."""
    assert order_from(words) == order


@given(st.text())
def test_anything_is_some_order(words: str) -> None:
    """Whatever people write is read, and unknown words ask for help."""
    assert order_from(words).verb in VERBS


def message(markup: str, *, direct: bool = False) -> Message:
    return Message(ThreadKey("T1", "C1", "1.0"), "2.0", "U1", markup, direct)


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<@UBOT> instructions", ""),
        ("<@UBOT> Instructions show", "show"),
        ("<@UBOT>: instructions  set You are kind. ", "set You are kind."),
        ("instructions workspace undo <@UBOT>", "workspace undo"),
        ("<@UBOT> instructions restore 3", "restore 3"),
        ("<@UBOT> instructions allow <@U2>", "allow <@U2>"),
        ("<@UBOT> instructions frobnicate", "frobnicate"),
        ("<@UBOT> instructions set", "set"),
        ("instructions show", None),
        ("<@UBOT> instructions for my printer?", None),
        ("<@UBOT> instructions show me the way", None),
        ("<@UBOT> instructions restore my laptop", None),
        ("<@UBOT> instructions allow everybody in", None),
        ("<@UBOT> your instructions", None),
        ("<@UBOT>", None),
    ],
)
def test_orders_in_threads(markup: str, words: str | None) -> None:
    """A mention and the keyword make an order, unless the rest reads like a question."""
    assert order_in(message(markup), "UBOT") == words


def test_orders_in_direct_messages() -> None:
    """No mention is needed there; other bots give none."""
    direct = message("instructions undo", direct=True)
    assert order_in(direct, "UBOT") == "undo"
    assert order_in(replace(direct, author="bot"), "UBOT") is None

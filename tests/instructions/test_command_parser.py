"""Parsing what people write after the keyword."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.messages import Message, ThreadKey
from slackbot.instructions.command_parser import VERBS, Command, find_command, parse_command


@pytest.mark.parametrize(
    ("text", "command"),
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
def test_commands(text: str, command: Command) -> None:
    """The first word is the verb, in upper or lower case, and `workspace` may come before it."""
    assert parse_command(text) == command


@given(st.text())
def test_any_text_is_a_command(text: str) -> None:
    """Every text parses to a known verb."""
    assert parse_command(text).verb in VERBS


def message(markup: str, *, direct: bool = False) -> Message:
    return Message(
        ThreadKey(TeamId("T1"), ChannelId("C1"), Ts("1.0")), Ts("2.0"), UserId("U1"), markup, direct
    )


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<@UBOT> instructions", ""),
        ("<@UBOT> Instructions show", "show"),
        ("<@UBOT>: instructions  set You are kind. ", "set You are kind."),
        ("<@UBOT> instructions append And be brief.", "append And be brief."),
        ("instructions workspace undo <@UBOT>", "workspace undo"),
        ("<@UBOT> instructions restore 3", "restore 3"),
        ("<@UBOT> instructions allow <@U2>", "allow <@U2>"),
        ("<@UBOT> instructions disallow <@U2>", "disallow <@U2>"),
        ("<@UBOT> instructions for printers", None),
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
def test_commands_in_threads(markup: str, text: str | None) -> None:
    """A mention and the keyword make a command, unless the rest reads like a question."""
    command = None if text is None else parse_command(text)
    assert find_command(message(markup), UserId("UBOT")) == command


def test_commands_in_direct_messages() -> None:
    """A direct message needs no mention, and other bots give no commands."""
    direct = message("instructions undo", direct=True)
    assert find_command(direct, UserId("UBOT")) == Command("undo")
    assert find_command(replace(direct, author="bot"), UserId("UBOT")) is None

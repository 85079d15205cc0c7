"""Sentences that depend on the scope."""

import pytest

from slackbot.conversation.ids import ChannelId, TeamId, Ts
from slackbot.instructions import texts
from slackbot.instructions.scopes import Scope

WORKSPACE, CHANNEL, THREAD = (
    Scope(TeamId("T1")),
    Scope(TeamId("T1"), ChannelId("C1")),
    Scope(TeamId("T1"), ChannelId("C1"), Ts("1.0")),
)


@pytest.mark.parametrize(
    ("scope", "people"),
    [
        (WORKSPACE, "the whole workspace. Only admins can."),
        (CHANNEL, "this channel. Only admins and the people they allowed can."),
        (THREAD, "this thread. Only admins and the person who started the thread can."),
    ],
)
def test_cannot_change(scope: Scope, people: str) -> None:
    """A person who has no permission reads who has it."""
    assert people in texts.cannot_change(scope)


def test_who_can_change() -> None:
    """Only lines that apply to somebody are there."""
    assert texts.who_can_change(WORKSPACE, "", "").splitlines() == [
        "These people can change the instructions for the whole workspace:",
        "• owners and admins of the workspace",
    ]
    lines = texts.who_can_change(CHANNEL, "<@U1>", "<@U2>").splitlines()
    assert lines[2:] == ["• <@U1>, named in the bot's settings", "• <@U2>, allowed by an admin"]
    assert "started the thread" in texts.who_can_change(THREAD, "", "")


def test_scope_location() -> None:
    """From elsewhere, a scope is called by its channel."""
    scopes = (WORKSPACE, CHANNEL, THREAD)
    locations = [texts.scope_location(scope) for scope in scopes]
    assert locations == ["the whole workspace", "<#C1>", "a thread in <#C1>"]

"""Whose tool results a person may read, as a table."""

import pytest

from slackbot.conversation.history import Answer, Conversation, ToolCall, ToolRound, Turn
from slackbot.conversation.history import UserMessage as Said
from slackbot.conversation.ids import Ts, UserId
from slackbot.conversation.roles import Role
from slackbot.llm.tool_offer import ToolOffer
from slackbot.llm.withheld_results import withhold_results

ANA, BEN = UserId("U1"), UserId("U2")

ROUND = ToolRound(
    "Let me see.", (ToolCall("1", "look"), ToolCall("2", "peek")), {"1": "a", "2": "b"}
)
ASKED = Said("Ana", "look", Ts("1.0"), ANA)
ASIDE = Said("Ben", "lunch?", Ts("0.5"), BEN, for_bot=False)
NOW = Turn((Said("Ben", "what did you see?", Ts("3.0"), BEN),), tool_rounds=(ROUND,))


def of(*messages: Said, answer: Answer | None = None) -> Turn:
    return Turn(messages, answer or Answer("Nothing."), (Ts("2.0"),), tool_rounds=(ROUND,))


@pytest.mark.parametrize(
    ("turn", "requester", "role", "reserved", "may"),
    [
        (of(ASKED), BEN, Role.MEMBER, set(), True),
        (of(ASKED), BEN, Role.MEMBER, {"other"}, True),
        (of(ASKED), BEN, Role.MEMBER, {"peek"}, False),
        (of(ASKED), BEN, Role.ADMIN, {"peek"}, False),
        (of(ASKED), BEN, Role.GUEST, set(), False),
        (of(ASKED), BEN, Role.OUTSIDER, set(), False),
        (of(ASKED), ANA, Role.GUEST, {"peek"}, True),
        (of(ASIDE, ASKED), ANA, Role.GUEST, {"peek"}, True),
        (of(ASIDE, ASKED), BEN, Role.GUEST, set(), False),
        (of(Said("Ben", "b?", Ts("0.5"), BEN), ASKED), BEN, Role.GUEST, set(), False),
        (of(ASKED), UserId(""), Role.OUTSIDER, set(), False),
        (of(), UserId(""), Role.OUTSIDER, set(), False),
    ],
)
def test_whose_results(
    turn: Turn,
    requester: UserId,
    role: Role,
    reserved: set[str],
    may: bool,  # noqa: FBT001 - a parameter of a test
) -> None:
    """A person reads the results of their own turns, members those of tools that they can use. What
    was written around the calls stays, and so does the turn that is being answered.
    """
    offer = ToolOffer(role=role, reserved=frozenset(reserved))
    seen = withhold_results(Conversation((turn, NOW), start=3), requester, offer)
    assert (seen.start, seen.turns[1]) == (3, NOW)
    if may:
        assert seen.turns[0] == turn
    else:
        assert seen.turns[0] == Turn(
            turn.messages, Answer("Let me see.\n\nNothing."), turn.reply_ts
        )


def test_without_an_answer() -> None:
    """A turn that was stopped before its answer has nothing left."""
    turn = Turn((ASKED,), None, tool_rounds=(ROUND,))
    seen = withhold_results(Conversation((turn, NOW)), BEN, ToolOffer(role=Role.GUEST))
    assert seen.turns[0] == Turn((ASKED,))

"""Histories as values."""

from dataclasses import replace

from hypothesis import given

from slackbot.conversation.history import (
    Answer,
    Conversation,
    ToolCall,
    ToolRound,
    Turn,
    UserMessage,
)
from slackbot.conversation.ids import Ts, UserId
from tests.conversation.strategies import turns


@given(turns)
def test_an_answer_changes_the_last_turn_only(turn: Turn) -> None:
    """An answer belongs to the last turn, and takes what people thought of another one away."""
    before = Conversation((turn, turn))
    after = before.answered(Answer("So."), (Ts("9.0"),))
    assert after.turns[0] == turn
    assert (after.turns[1].answer, after.turns[1].reply_ts) == (Answer("So."), ("9.0",))
    assert after.turns[1].messages == turn.messages
    assert not after.turns[1].feedback


@given(turns)
def test_turns_that_are_no_longer_sent_still_count(turn: Turn) -> None:
    """A conversation that starts later is as long as before."""
    before = Conversation((turn, turn, turn), start=4)
    after = before.starting_at(6)
    assert after.turns == (turn,)
    assert after.length == before.length == 7


@given(turns)
def test_a_conversation_grows_at_its_end(turn: Turn) -> None:
    """Turns are added after those that are there, and everything else stays."""
    before = Conversation((turn,), start=4, names={UserId("U1"): "Ana"}, tokens_per_byte=0.5)
    other = Turn((UserMessage("Ben", "and?"),))
    after = before.add(other, turn)
    assert after.turns == (turn, other, turn)
    assert replace(after, turns=before.turns) == before


@given(turns, turns)
def test_tools_belong_to_the_last_turn(turn: Turn, other: Turn) -> None:
    """The rounds of tools that were used for an answer go into the turn that it belongs to."""
    before = Conversation((turn, replace(turn, tool_rounds=())), start=4)
    after = before.using(iter(other.tool_rounds))
    assert after == replace(before, turns=(turn, replace(turn, tool_rounds=other.tool_rounds)))


def test_a_round_ends_with_a_result_for_each_call() -> None:
    """Calls that have no result get the same sentence; those that have one keep it, and a round
    that is complete stays as it is.
    """
    first, second = ToolCall("1", "add"), ToolCall("2", "sink")
    begun = ToolRound("Wait.", (first, second), {"2": "5"})
    assert begun.awaited == (first,)
    assert begun.ended("Stopped.") == ToolRound(
        "Wait.", (first, second), {"1": "Stopped.", "2": "5"}
    )
    complete = begun.resulting("1", "3")
    assert complete.ended("Stopped.") is complete


def test_a_new_answer_has_no_ratings_yet() -> None:
    """What people thought of an answer goes when another one takes its place."""
    rated = Turn((UserMessage("Ana", "?"),), Answer("No."), (Ts("8.0"),), {UserId("U1"): "bad"})
    after = Conversation((rated,)).answered(None, ())
    assert after.turns == (Turn(rated.messages),)

"""Histories as values."""

from hypothesis import given

from slackbot.conversation.history import Answer, Conversation, Turn
from slackbot.conversation.ids import Ts
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

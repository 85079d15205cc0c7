"""What is said in a thread, as values."""

import json

from hypothesis import given

from slackbot.conversation.history import Turn
from tests.conversation.strategies import turns


@given(turns)
def test_turns_survive_json(turn: Turn) -> None:
    """A turn read back from JSON is the turn that was written."""
    assert Turn.from_json(json.loads(json.dumps(turn.to_json()))) == turn

"""What a session remembers of earlier turns when it chooses the next one."""

from slackbot.conversation.ids import Ts
from slackbot.turns.turn_chooser import TurnMemory


def test_a_stop_counts_once() -> None:
    """A stop ends the next turn with one of its messages, and no later one."""
    memory = TurnMemory(stopped={"1.0", "2.0"})
    assert not memory.take_stop([Ts("3.0")])
    assert memory.take_stop([Ts("2.0"), Ts("3.0")])
    assert not memory.take_stop([Ts("2.0")])
    assert memory.stopped == {"1.0"}

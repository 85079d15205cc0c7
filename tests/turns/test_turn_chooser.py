"""What a session remembers of earlier turns when it chooses the next one."""

from pathlib import Path

from slackbot.conversation.history import Conversation, Turn, UserMessage
from slackbot.conversation.messages import ThreadKey
from slackbot.store import open_store
from slackbot.turns.regenerated_turn import RegeneratedTurn
from slackbot.turns.turn_chooser import TurnMemory

THREAD = ThreadKey("T1", "C1", "1.0")


async def test_a_restart_counts_as_an_attempt(tmp_path: Path) -> None:
    """After a restart the first turn, and answers to regenerate, may have been attempted before."""
    store = await open_store(f"sqlite:///{tmp_path / 'slackbot.db'}", create=True)
    turns = (Turn((UserMessage("Ana", "why?"),)), Turn((UserMessage("Ana", "how?"),)))
    first, second, third = (
        RegeneratedTurn(THREAD, store, number, Conversation(turns)) for number in range(3)
    )
    memory = TurnMemory(resumed=True)
    assert memory.is_attempted(first, [0, 1])
    assert memory.is_attempted(second, [])
    assert not memory.is_attempted(third, [2])
    await store.close()


def test_a_stop_counts_once() -> None:
    """A stop ends the next turn with one of its messages, and no later one."""
    memory = TurnMemory(stopped={"1.0", "2.0"})
    assert not memory.take_stop(["3.0"])
    assert memory.take_stop(["2.0", "3.0"])
    assert not memory.take_stop(["2.0"])
    assert memory.stopped == {"1.0"}

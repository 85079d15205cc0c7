"""What a session remembers of earlier turns when it chooses the next one."""

from pathlib import Path

from slackbot.conversation.history import Conversation, Turn, UserMessage
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.messages import Message, PendingWork, QueuedMessage, ThreadKey
from slackbot.store import open_store
from slackbot.turns.question_turn import QuestionTurn
from slackbot.turns.regenerated_turn import RegeneratedTurn
from slackbot.turns.turn_chooser import TurnMemory
from slackbot.turns.turn_selection import NextMessages

THREAD = ThreadKey(TeamId("T1"), ChannelId("C1"), Ts("1.0"))


def queued(ts: str) -> QueuedMessage:
    return QueuedMessage(Message(THREAD, Ts(ts), UserId("U1"), "?"))


async def test_a_restart_counts_as_an_attempt(tmp_path: Path) -> None:
    """After a restart all that waits may have been attempted before; what comes later was not."""
    store = await open_store(f"sqlite:///{tmp_path / 'slackbot.db'}", create=True)
    memory = TurnMemory(resumed=True)
    memory.learn(PendingWork((queued("1.0"), queued("2.0")), again=(3,)))
    memory.learn(PendingWork((queued("9.0"),)))

    def turn(*times: str) -> QuestionTurn:
        messages = NextMessages(tuple(map(queued, times)))
        return QuestionTurn(THREAD, store, messages, UserId("U0"), "follow-ups")

    late = turn("0.5", "1.0", "2.0")
    assert memory.attempts_at(late) == ("1.0", "2.0")
    assert memory.attempts_at(turn("9.0")) == ()
    conversation = Conversation((Turn((UserMessage("Ana", "why?"),)),))
    assert memory.attempts_at(RegeneratedTurn(THREAD, store, 3, conversation)) == ("00000003",)
    memory.forget_attempts(late)
    assert memory.attempts_at(late) == ()
    await store.close()


def test_a_stop_counts_once() -> None:
    """A stop ends the next turn with one of its messages, and no later one."""
    memory = TurnMemory(stopped={"1.0", "2.0"})
    assert not memory.take_stop([Ts("3.0")])
    assert memory.take_stop([Ts("2.0"), Ts("3.0")])
    assert not memory.take_stop([Ts("2.0")])
    assert memory.stopped == {"1.0"}

"""The active turn: which messages it concerns."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from slackbot.conversation.history import Answer, Conversation, Turn, UserMessage
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.messages import QueuedRegeneration, ThreadKey
from slackbot.conversation.post_intent import PostIntent
from slackbot.instructions.settings import EffectiveSettings
from slackbot.store import open_store
from slackbot.turns.active_turn import ActiveTurn
from slackbot.turns.regenerated_turn import RegeneratedTurn

THREAD = ThreadKey(TeamId("T1"), ChannelId("C1"), Ts("1.0"))
TURN = Turn((UserMessage("Ana", "why?", Ts("1.0"), UserId("U1")),), Answer("So."), (Ts("2.0"),))


@pytest.fixture
async def active(tmp_path: Path) -> AsyncIterator[ActiveTurn]:
    """An answered turn that is regenerated."""
    store = await open_store(f"sqlite:///{tmp_path / 'slackbot.db'}", create=True)
    turn = RegeneratedTurn(THREAD, store, QueuedRegeneration(0), Conversation((TURN,)))
    yield ActiveTurn(turn, turn.location(), EffectiveSettings("You are a pirate."))
    await store.close()


async def test_it_concerns_what_it_answers(active: ActiveTurn) -> None:
    """A change of a message interrupts the turn only if the turn answers this message."""
    assert active.concerns(Ts("1.0"))
    assert not active.concerns(Ts("2.0"))
    assert not active.concerns(Ts("3.0"))


async def test_its_reply_has_the_messages_of_the_answer(active: ActiveTurn) -> None:
    """A stop under one of the reply's messages stops the turn, a stop elsewhere does not."""
    assert active.has_message(Ts("2.0"))
    assert not active.has_message(Ts("3.0"))


async def test_a_post_may_have_made_any_message(active: ActiveTurn) -> None:
    """While it is unknown which message a call has posted, a stop under any message counts."""
    posting = PostIntent("1.0", 1, since=Ts("2.0"))
    active.location = replace(active.location, posting=posting)
    assert active.has_message(Ts("3.0"))

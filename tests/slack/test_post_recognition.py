"""Which messages of a thread a recorded call has posted; test_thread_reader.py has the texts."""

from collections.abc import Mapping
from typing import Any

import pytest

from slackbot.conversation.ids import TeamId, Ts, UserId
from slackbot.conversation.post_intent import PostIntent, StreamBeginning
from slackbot.delivery.reply_transport import FoundMessage, ReplyMessageId
from slackbot.slack.identity import Identity
from slackbot.slack.post_recognition import posted_messages
from slackbot.slack.reply_metadata import to_metadata

ME = Identity(TeamId("T1"), "Acme", UserId("U0"), "assistant", "B0", frozenset())
SINCE = Ts("100.000000")
POST = PostIntent("key", 0, SINCE)
STREAM = PostIntent("key", 0, SINCE, StreamBeginning("I", ("task-1",)))
REPLY = {"ts": "101.000000", "user": "U0", "metadata": to_metadata(ReplyMessageId("key", 0))}
TASKS = [{"type": "plan", "tasks": [{"type": "task_card", "task_id": "task-1"}]}]


@pytest.mark.parametrize(
    "entry",
    [REPLY | {"user": "U1"}, REPLY | {"user": "U1", "bot_id": "B1"}, REPLY | {"ts": SINCE}],
)
def test_others_and_older_messages_do_not_count(entry: Mapping[str, Any]) -> None:
    """Only the bot's own messages after the record count: metadata can be forged."""
    assert posted_messages([REPLY], POST, ME) == [FoundMessage(0, Ts("101.000000"))]
    assert posted_messages([entry], POST, ME) == []


@pytest.mark.parametrize("sign", [{"streaming_state": "in_progress"}, {"blocks": TASKS}])
def test_a_stream_is_recognised_by_its_state_or_its_tasks(sign: Mapping[str, Any]) -> None:
    """A message without metadata is a stream of the reply only if a stream was recorded."""
    entry = {"ts": "101.000000", "user": "U0", "text": "Something else", **sign}
    assert posted_messages([entry], STREAM, ME) == [FoundMessage(0, Ts("101.000000"))]
    assert posted_messages([entry], POST, ME) == []

"""What is said in a thread, as frozen values: messages, turns, their changes and their history.

Also whom a message addresses, what happened in Slack (inbox events), and an answer while it is
written (deltas, folded into a draft). Nothing here asks Slack, the model or the store.
"""

from slackbot.conversation.attachment import Attachment
from slackbot.conversation.changes import Change, ChangeResult
from slackbot.conversation.controls import Button, Confirm, Controls, Press
from slackbot.conversation.deltas import AgentDelta, Delta, ModelDelta, TokenUsage
from slackbot.conversation.draft import Draft
from slackbot.conversation.history import (
    Answer,
    AudioRef,
    Conversation,
    FinishReason,
    Rating,
    ToolCall,
    ToolRound,
    Turn,
    UserMessage,
)
from slackbot.conversation.inbox_events import InboxEvent, StoredEvent
from slackbot.conversation.messages import Message, PendingWork, QueuedMessage, ThreadKey

__all__ = [
    "AgentDelta",
    "Answer",
    "Attachment",
    "AudioRef",
    "Button",
    "Change",
    "ChangeResult",
    "Confirm",
    "Controls",
    "Conversation",
    "Delta",
    "Draft",
    "FinishReason",
    "InboxEvent",
    "Message",
    "ModelDelta",
    "PendingWork",
    "Press",
    "QueuedMessage",
    "Rating",
    "StoredEvent",
    "ThreadKey",
    "TokenUsage",
    "ToolCall",
    "ToolRound",
    "Turn",
    "UserMessage",
]

"""Conversations as values without I/O: messages, turns, history, changes, events and deltas.

It also decides which messages are meant for the bot and who is next in line, and names people for
the model.
"""

from slackbot.conversation.addressing import Answering, is_addressed, wants_answer
from slackbot.conversation.attachment import Attachment
from slackbot.conversation.changes import (
    Change,
    ChangeResult,
    Deleted,
    Edited,
    FilesAdded,
    Rated,
    Regenerated,
)
from slackbot.conversation.controls import Button, Confirm, Controls, Press
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
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.inbox_events import (
    ButtonPressed,
    InboxEvent,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    StopRequested,
    StoredEvent,
)
from slackbot.conversation.message_links import MessageLink, find_message_link
from slackbot.conversation.messages import Message, PendingWork, QueuedMessage, ThreadKey
from slackbot.conversation.speaker_names import api_name

__all__ = [
    "Answer",
    "Answering",
    "Attachment",
    "AudioRef",
    "Button",
    "ButtonPressed",
    "Change",
    "ChangeResult",
    "ChannelId",
    "Confirm",
    "Controls",
    "Conversation",
    "Deleted",
    "Draft",
    "Edited",
    "FilesAdded",
    "FinishReason",
    "InboxEvent",
    "Message",
    "MessageDeleted",
    "MessageEdited",
    "MessageLink",
    "MessageReceived",
    "PendingWork",
    "Press",
    "QueuedMessage",
    "Rated",
    "Rating",
    "Regenerated",
    "StopRequested",
    "StoredEvent",
    "TeamId",
    "ThreadKey",
    "ToolCall",
    "ToolRound",
    "Ts",
    "Turn",
    "UserId",
    "UserMessage",
    "api_name",
    "find_message_link",
    "is_addressed",
    "wants_answer",
]

"""Delivery: grows one reply as Slack messages, within the rate budgets of a workspace.

It shows the agent's draft with its notes and buttons, the status line, and the spoken answer.
"""

from slackbot.delivery.active_replies import ActiveReplies
from slackbot.delivery.annotations import Task, split_refusal
from slackbot.delivery.approval_question import approval_question
from slackbot.delivery.ephemeral import EphemeralMessages
from slackbot.delivery.rate_limiter import RateLimiter
from slackbot.delivery.rate_memory import BudgetMemory, RateMemory
from slackbot.delivery.rate_recorder import RateRecorder
from slackbot.delivery.reply_location import ReplyLocation
from slackbot.delivery.reply_transport import (
    MessageContent,
    ReplyMessageId,
    ReplyTransport,
    SessionStatus,
)
from slackbot.delivery.reply_writer import ReplyWriter
from slackbot.delivery.speech import FileUploader, Speech
from slackbot.delivery.status import ThreadStatus
from slackbot.delivery.streaming_mode import BEST, EDITS, STREAMS, StreamingMode

__all__ = [
    "BEST",
    "EDITS",
    "STREAMS",
    "ActiveReplies",
    "BudgetMemory",
    "EphemeralMessages",
    "FileUploader",
    "MessageContent",
    "RateLimiter",
    "RateMemory",
    "RateRecorder",
    "ReplyLocation",
    "ReplyMessageId",
    "ReplyTransport",
    "ReplyWriter",
    "SessionStatus",
    "Speech",
    "StreamingMode",
    "Task",
    "ThreadStatus",
    "approval_question",
    "split_refusal",
]

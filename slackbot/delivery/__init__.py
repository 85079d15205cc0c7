"""Delivery: grows one reply as Slack messages, within the rate budgets of a workspace.

It shows the agent's draft with its notes and buttons, the status line, and the spoken answer.
"""

from slackbot.delivery.active_replies import ActiveReplies
from slackbot.delivery.annotations import Task, approval_question, split_refusal
from slackbot.delivery.ephemeral import EphemeralMessages
from slackbot.delivery.reply_location import ReplyLocation
from slackbot.delivery.reply_transport import MessageContent, ReplyMessageId, ReplyTransport
from slackbot.delivery.reply_writer import ReplyWriter
from slackbot.delivery.speech import Speech
from slackbot.delivery.status import ThreadStatus
from slackbot.delivery.streaming_mode import StreamingMode

__all__ = [
    "ActiveReplies",
    "EphemeralMessages",
    "MessageContent",
    "ReplyLocation",
    "ReplyMessageId",
    "ReplyTransport",
    "ReplyWriter",
    "Speech",
    "StreamingMode",
    "Task",
    "ThreadStatus",
    "approval_question",
    "split_refusal",
]

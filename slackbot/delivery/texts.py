"""Sentences that people read below a reply."""

from collections.abc import Mapping

from slackbot.conversation.history import FinishReason

FINISH_NOTES: Mapping[FinishReason, str] = {
    "stopped": "Stopped here.",
    "length": "The answer was cut off here: it reached the model's length limit.",
    "content_filter": "The answer was cut off here by the model's content filter.",
    "broken": "The answer broke off here. Please ask again.",
}
"""Below an answer that did not simply end."""

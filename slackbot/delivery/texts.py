"""What people read in Slack around an answer, as one voice."""

from collections.abc import Mapping

from slackbot.conversation.history import FinishReason

THINKING_STATUS = "is thinking…"
"""The thread's status until there is text. Slack puts the bot's name before it."""

STARTING_STATUS = "is waiting for the model to start…"
"""The same while the model does not answer yet: its server may be loading it."""

NEXT_STATUS = "is busy, and answers you next…"
QUEUED_STATUS = "is busy: {ahead} before you…"
FAR_STATUS = "is busy: more than {ahead:,} before you…"

PLACEHOLDER = "_Thinking…_"
"""Stands in the reply's place until there is text, where Slack accepts no status."""

STARTING_PLACEHOLDER = "_Waiting for the model to start…_"
"""The same while the model does not answer yet."""

STILL_TRYING = (
    "Slack isn't showing my answer right now. I keep trying, so you don't need to ask again."
)
NOT_SHOWN = (
    "Slack doesn't let me show my answer here. You can ask again later, or in another channel."
)
"""The asker alone reads these."""

WITHDRAWN = "_This message no longer counts._"
"""Replaces the text of a message that Slack does not let the bot delete."""

SEARCHING = "Searching the web"

APPROVAL_QUESTION = "⚠️ *May I use* `{name}`*?*"

FINISH_NOTES: Mapping[FinishReason, str] = {
    "stopped": "Stopped here.",
    "length": "The answer was cut off here: it reached the model's length limit.",
    "content_filter": "The answer was cut off here by the model's content filter.",
    "broken": "The answer broke off here. Please ask again.",
}
"""Below an answer that ended early, by its finish reason."""

SPOKEN_ANSWER_TITLE = "The answer, spoken"
"""The title of the audio file."""

CODE_OMITTED = "(There is code here: see the written answer.)"
"""Spoken in place of a block of code."""

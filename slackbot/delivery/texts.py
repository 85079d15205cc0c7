"""What people read in Slack around an answer, as one voice."""

from collections.abc import Mapping

from slackbot.conversation.deltas import ToolReview
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

_NOT_ALLOWED = (
    "I may not post in this channel, so I can't show my answer here. Ask me in another channel or "
    "in a direct message."
)
_ARCHIVED = "This channel is archived, so I can't show my answer here. Ask me in another channel."
_NOT_A_MEMBER = (
    "I'm not in this channel, so I can't show my answer here. Invite me, then ask me again."
)
_LOCKED = "This thread is locked, so I can't answer in it. Please ask me outside of it."
_NO_PERMISSION = (
    "My app lacks a permission, so I can't show my answer here. Please tell an admin of this "
    "workspace."
)
NOT_SHOWN_REASONS: Mapping[str, str] = {
    "access_denied": _NO_PERMISSION,
    "app_access_restricted": _NO_PERMISSION,
    "cannot_reply_to_message": (
        "Slack allows no replies to this message, so I can't show my answer. Please ask again in a "
        "new message."
    ),
    "channel_not_found": _NOT_A_MEMBER,
    "enterprise_is_restricted": _NO_PERMISSION,
    "is_archived": _ARCHIVED,
    "is_inactive": _ARCHIVED,
    "missing_scope": _NO_PERMISSION,
    "no_permission": _NO_PERMISSION,
    "not_authorized": _NO_PERMISSION,
    "not_in_channel": _NOT_A_MEMBER,
    "restricted_action": _NOT_ALLOWED,
    "restricted_action_non_threadable_channel": _NOT_ALLOWED,
    "restricted_action_read_only_channel": _NOT_ALLOWED,
    "restricted_action_thread_locked": _LOCKED,
    "restricted_action_thread_only_channel": _NOT_ALLOWED,
    "team_access_not_granted": _NO_PERMISSION,
    "thread_locked": _LOCKED,
}
"""Instead of NOT_SHOWN, by Slack's error code."""

ELSEWHERE = "{sentence}\n_About your message in <#{channel}>._"
"""In a direct message, where Slack shows the asker nothing in the channel."""

WITHDRAWN = "_This message no longer counts._"
"""Replaces the text of a message that Slack does not let the bot delete."""

SEARCHING = "Searching the web"

APPROVAL_QUESTION = "⚠️ *May I use* `{name}`*?*"
APPROVAL_REASONS: Mapping[ToolReview, str] = {
    "changed": (
        "_The server of this tool has changed it. I ask before each call until an admin accepts it "
        "in my Home tab._"
    ),
    "new": (
        "_This tool is new, and no admin has accepted it yet. I ask before each call until one "
        "does, in my Home tab._"
    ),
}
"""The line below the question, where no admin has accepted the tool as it is now."""

FINISH_NOTES: Mapping[FinishReason, str] = {
    "stopped": "Stopped here.",
    "length": "The answer was cut off here: it reached its length limit. Ask me to go on.",
    "content_filter": "The answer was cut off here by the model's content filter.",
    "broken": "The answer broke off here. Please ask again.",
}
"""Below an answer that ended early, by its finish reason."""

ANSWER_TOO_LONG = "This answer ends here: it has reached the greatest length. Ask me to go on."
"""Below an answer that would need more messages than one may have."""

THOUGHT_TOO_LONG = (
    "The model reached its length limit before it wrote anything. Please ask for less at a time."
)

SPOKEN_ANSWER_TITLE = "The answer, spoken"
"""The title of the audio file."""

CODE_OMITTED = "(There is code here: see the written answer.)"
"""Spoken in place of a block of code."""

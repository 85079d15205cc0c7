"""What tools tell the model about calls that give no result, or none that it can read."""

from collections.abc import Mapping

from slackbot.conversation.history import NOT_RUN

ERROR = "Error: {problem}"
NOT_RUN_BECAUSE = f"{NOT_RUN}. {{problem}}"
CLAIMS_NOT_RUN = "The tool was run, and returned: "
"""Before a result that begins like that of a call that was not run."""
CHANGED = f"{NOT_RUN}, because this tool has changed since you were told of it, or is gone."
TIMED_OUT = (
    "Error: it took longer than {limit:g} seconds and was given up. It may have taken effect."
)
RAISED = "Error: it failed ({error}). The bot's log says more."

DONE = "Done."
"""The result of a function that returns None."""
INVALID_ARGUMENTS = "The arguments do not fit. {problems}"
NOT_JSON = "It returned something that is no JSON: {type}."
TOO_MANY_THREADS = "Too many tools are running. Try again later."

SERVER_UNREACHABLE = "{server} can't be reached at the moment."
SERVER_LOST = (
    "The connection to {server} was lost before the result arrived. The call may have taken effect."
)
SERVER_SENT_TOO_MUCH = (
    "{server} sent more than the bot reads, or took too long to send it. The call may have taken "
    "effect."
)
INVALID_SERVER_RESULT = (
    "The result of {server} is not as the protocol has it. The call may have taken effect."
)
TOOL_CHANGED = "Its server has changed it meanwhile. Call it again."
NEW_TOOL = "A new tool of {server}. No admin has accepted it yet, so its description is not shown."
SERVER_TOOL_FAILED = "The tool failed."

SLACK_UNREACHABLE = "Slack does not answer at the moment. Try again later."
SLACK_LIMITS = "Slack limits how often messages are read. Try again in {seconds:.0f} seconds."
UNKNOWN_PERSON = "Nobody in this conversation is called {name}. The people are: {people}."
NOT_A_LINK = "That is not a link to a message in Slack."
LINK_NOT_VISIBLE = (
    "There is no such message, or the person who asks can't see it, or the bot can't. Messages of "
    "private channels can be read in that channel and in direct messages only."
)
LINK_REFUSALS: Mapping[str, str] = {
    "missing_scope": (
        "The bot lacks the permission to read messages there. An admin can add the scope to the "
        "Slack app and reinstall it."
    ),
    "not_in_channel": (
        "The bot is not in that channel, so it can't read the message. Somebody can invite it."
    ),
    "channel_not_found": (
        "There is no such channel, or the bot is not in it. If it is private, a member can invite "
        "the bot there."
    ),
}
"""By Slack's error code."""
LINKED_MESSAGE = " (the message that the link is to)"
EARLIER_MESSAGES_OMITTED = "(Earlier messages of this thread were left out.)"
LATER_MESSAGES_OMITTED = "(Later messages of this thread were left out.)"
NO_SEARCH_WORDS = "Say which words to look for, {most} at most."
TOO_MANY_SEARCHES = "That was the last search for this question. Answer with what you have."
TOO_MANY_READS = (
    "That is more than the bot reads in Slack for one question. Answer with what you have."
)
SEARCH_UNAVAILABLE = "The stored conversations can't be read at the moment."
NOTHING_FOUND = "Nothing was found."

IMAGE_SHOWN = (
    "The picture is drawn, and people see it in the thread, in the file {name}. Don't link to it."
)
IMAGE_NOT_SHOWN = "The picture was drawn, but could not be put into the thread."

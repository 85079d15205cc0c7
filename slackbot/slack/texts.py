"""Every sentence and label that the Slack side of the bot shows to people.

The sentences are in Slack's markup, except for labels, titles and those about files.
"""

from collections.abc import Mapping

from slackbot.conversation.addressing import Answering
from slackbot.instructions.settings import Extra
from slackbot.llm.tool_pins import Aspect

# Under a reply

STOP = "Stop"
TRY_AGAIN = "Try again"
REGENERATE = "Regenerate"
CONFIRM = "Yes, do it"
DECLINE = "No"
GOOD_ANSWER = "This answer is good"
BAD_ANSWER = "This answer is bad"

# Files; `name` is the file's

FILE_GONE = "“{name}” was deleted, or it was not shared here."
FILES_FORBIDDEN = "I can't read files: the app lacks the scope files:read. Please tell an admin."
FILE_HIDDEN = "“{name}” is hidden: it is older than this workspace's plan keeps files."
FILE_DENIED = "Slack does not let me read “{name}”. Please share it with this channel again."
FILE_NOT_READY = "“{name}” is still on its way into Slack. Please ask again in a minute."
FILE_IS_A_LIST = "“{name}” is a Slack list, and I can't read lists yet. Please send it as a CSV."
FILE_ELSEWHERE = "“{name}” is stored in another service, so I can't read it."
FILE_UNREACHABLE = "“{name}” could not be fetched from Slack. Please try again later."
FILE_TOO_LARGE = "“{name}” is larger than {megabytes} MB, so I did not read it."
FILE_EMPTY = "“{name}” is empty."
UNNAMED_FILE = "A file"

# For the person who runs the bot, when Slack refuses a token at startup, or does not answer

HOW_TO_GET_BOT_ACCESS = (
    "copy it again from the page “OAuth & Permissions”, after you install the app to your "
    "workspace."
)
HOW_TO_GET_SOCKET_ACCESS = (
    "create an app-level token with the scope connections:write on the page “Basic Information”, "
    "and turn on Socket Mode."
)
DISCONNECT_ADVICE: Mapping[str, str] = {
    "link_disabled": "Socket Mode is switched off: switch it on on the page “Socket Mode”.",
    "too_many_websockets": "the app has more than ten connections: end its other programs.",
}
"""By the reason that Slack gives: https://docs.slack.dev/apis/events-api/using-socket-mode"""
REFUSED_AT_START = "was refused by Slack ({code}): {advice}"
INSTALLED_FOR_ORGANISATION = (
    "is for a whole organisation, and the bot serves one workspace: install the app to that "
    "workspace, and copy its token from the page “OAuth & Permissions”."
)
LIMITED_AT_START = "is limited: {host} asks to wait for {seconds:.0f} s."
API_UNREACHABLE = "can't be reached: check the network and the address {host}."
API_FAILING = "does not work now: {host} answers {code}. Slack may have an outage."
API_FOREIGN = (
    "does not lead to Slack now: {host} gives an answer that is not Slack's ({code}). Check "
    "whether a proxy or a login page is in between."
)
NO_WORKSPACE = (
    "Slack refuses the bot's token ({code}): install the app again, set SLACK_BOT_TOKEN to the new "
    "token, and restart the bot."
)
NOT_CONNECTED = "The bot is not connected to Slack."
PORT_IN_USE = "{port} can't be used: choose a free one."

# The log, for requests to /slack/events that are answered with 401

UNSIGNED = "it has no signature of Slack's."
SIGNED_AT_ANOTHER_TIME = (
    "its time is more than five minutes off. If this goes on, set the machine's clock."
)
SIGNED_BY_ANOTHER = "its signature was not made with SLACK_SIGNING_SECRET."

# The Home tab

HOW_TO_ASK_TITLE = "How to ask me"
HOW_TO_ASK = """\
Mention me in a channel that I have joined, or write to me here under *Messages*. For example:
```@{name} What is the difference between a mutex and a semaphore?```
In the thread of my answer you don't need to mention me again. I read that thread, and nothing \
else in the channel."""
WORKSPACE_INSTRUCTIONS = "*The whole workspace* ({source}):\n>>> "
CHANNELS_TITLE = "Channels with their own settings"
CHANNEL_LINE = "<#{channel}>, changed {change}"
INHERITED_INSTRUCTIONS = "(the workspace's instructions)"
MORE_CHANNELS = "And {number:,} more. To see them, write `/instructions show` in each."
NO_PROMPTS = "None yet: people see an empty conversation."
RECENT_CHANGES = "Recent changes"
LAST_CHANGE = "Last change: {change}"
EDIT = "Edit"
EDIT_PROMPTS = "Edit prompts"

CHANGED_TOOLS_TITLE = "Tools that have changed"
CHANGED_TOOLS_INTRODUCTION = (
    "The server of these tools has changed them. Until an admin accepts a tool as it is now, each "
    "call of it waits for somebody to confirm it, and I don't follow what it says about itself."
)
CHANGED_TOOL = "*{tool}* of the MCP server {server} has changed:"
NEW_TOOL = "*{tool}* of the MCP server {server} is new:"
TOOL_ASPECTS: Mapping[Aspect, str] = {
    "description": "What it says it does:",
    "parameters": "Its arguments:",
    "annotations": "What its server says about its effects:",
}
MORE_CHANGED_TOOLS = "And {number:,} more."
ACCEPT = "Accept"
TOOLS_HAVE_CHANGED = (
    "Tools have changed: {tools}. Until an admin accepts them, each call waits for somebody to "
    "confirm it. Please look at them in my *Home* tab."
)

# The forms

INSTRUCTIONS = "Instructions"
PROMPTS = "Suggested prompts"
SAVE = "Save"
SAVE_ANYWAY = "Save mine instead"
CANCEL = "Cancel"
CLOSE = "Close"
SAVING = "Saving"
SAVED = "Saved"
NOT_SAVED = "Not saved"
SAVING_TAKES_LONG = "Saving takes longer than usual. You will see the result here."
CHANNEL_NOT_TOLD = "I could not post the note in the channel: Slack did not accept it."
YOUR_TEXT = "What you wrote:"
EDIT_CONFLICT = (
    "{who} changed these settings while you were writing. They now say:\n>>> {their_text}"
)
SOMEBODY = "Somebody"

THIS_CHANNEL = "This channel"
WHOLE_WORKSPACE = "The whole workspace"
OWN_INSTRUCTIONS = "{where} has its own instructions."
DEFAULT_INSTRUCTIONS = (
    "{where} uses the default instructions (set at startup). If you change them here, it gets its "
    "own."
)
WORKSPACE_INSTRUCTIONS_USED = (
    "{where} uses the instructions of the workspace. If you change them here, it gets its own."
)
TOO_LONG_FOR_FIELD = (
    "The instructions have {length:,} characters, and this field holds {limit:,}. To change them, "
    "upload a file, use `/instructions append`, or write shorter ones here."
)
FILE_LABEL = "Or upload them as a file"
FILE_HINT = "Up to {limit:,} characters."
MODEL_LABEL = "Model"
MODEL_PLACEHOLDER = "Choose a model"
DEFAULT_MODEL = "Default ({name})"
ANSWERING_LABEL_CHANNEL = "Messages that I answer in this channel"
ANSWERING_LABEL_WORKSPACE = "Messages that I answer, unless a channel has its own setting"
ANSWERING: Mapping[Answering, str] = {
    "follow-ups": "Mentions, and follow-ups in their threads",
    "mentions": "Mentions only",
    "never": "None (switched off)",
}
EXTRAS_LABEL = "Extras"
EXTRAS: Mapping[Extra, str] = {"speech": "Read answers aloud", "search": "Search the web"}
NOTE_LABEL = "After saving"
NOTE = "Post a note in the channel"
QUESTION_LABEL = "Try it before you save: ask a question"
TRY = "Try it"
WAITING = "…"
PROMPTS_INTRODUCTION = "People see these prompts above an empty conversation with me."
PROMPT_LABEL = "Prompt {number}"

NOT_INSTALLED = "I am not installed in this workspace any more. Please ask an admin to install me."

OTHER_WORKSPACE = "This bot works in another workspace, so nothing was changed here."

TOO_OFTEN = "That is too often. Please wait a minute, and try again."

"""Every sentence and label that the Slack side of the bot shows to people.

The sentences are in Slack's markup, except for labels, titles and those about files.
"""

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
FILE_ELSEWHERE = "“{name}” is stored in another service, so I can't read it."
FILE_UNREACHABLE = "“{name}” could not be fetched from Slack. Please try again later."
FILE_TOO_LARGE = "“{name}” is larger than {megabytes} MB, so I did not read it."
FILE_EMPTY = "“{name}” is empty."
UNNAMED_FILE = "A file"

# For the person who runs the bot, when Slack refuses a token at startup

HOW_TO_GET_BOT_ACCESS = (
    "copy it again from the page “OAuth & Permissions”, after you install the app to your "
    "workspace."
)
HOW_TO_GET_SOCKET_ACCESS = (
    "create an app-level token with the scope connections:write on the page “Basic Information”, "
    "and turn on Socket Mode."
)
REFUSED_AT_START = "was refused by Slack ({code}): {advice}"
LIMITED_AT_START = "could not be checked: Slack asks to wait for {seconds:.0f} s."
API_UNREACHABLE = "can't be reached: check the network and the address, and try again."
PORT_IN_USE = "{port} can't be used: choose a free one."

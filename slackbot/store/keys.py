"""What the rows of the database are called.

There is a row for each thing that changes by itself, so that a change costs the same however
much is stored already. THREAD is TEAM/CHANNEL/TS:

    claim/TEAM/CHANNEL/TS      a message was taken; its thread, and its turn once it has one
    open/THREAD/TS             the same in full, with its reply's place; until answered
    again/THREAD/00000017      one of the thread's turns is to be answered anew
    header/THREAD              a conversation, from the first claim in its thread on
    turn/THREAD/00000017       one of its turns
    draft/THREAD               the turn that is being worked on, with the tools used for it so far
    instructions/SCOPE/00000017   one edition of what is set for a scope
    amended/TEAM/00000017      which edition a workspace's change of that number made
    allowed/TEAM/CHANNEL/USER  who may change a channel's instructions beside the admins
    feedback/TEAM              how often people liked an answer, and how often not
    corrupt/TIME/...           what could not be read, under its old keys

SCOPE is TEAM/CHANNEL/TS too, with a dash for each part that it leaves open.

A bot's message has a claim too once its turn is stored: what people do to it finds the turn.
"""

from slackbot.conversation.messages import Message, ThreadKey
from slackbot.instructions.scopes import Scope

OPEN_PART = "-"
"""Of a scope that is wider than a thread."""

OPEN = "open/"
AGAIN = "again/"
HEADER = "header/"
TURN = "turn/"
CORRUPT = "corrupt/"
AMENDED = "amended/"


def claim_key(thread: ThreadKey, ts: str) -> str:
    return f"claim/{thread.team}/{thread.channel}/{ts}"


def open_prefix(thread: ThreadKey) -> str:
    return f"{OPEN}{_path(thread)}/"


def open_key(message: Message) -> str:
    return f"{open_prefix(message.thread)}{message.ts}"


def again_prefix(thread: ThreadKey) -> str:
    return f"{AGAIN}{_path(thread)}/"


def again_key(thread: ThreadKey, number: int) -> str:
    return f"{again_prefix(thread)}{number:08d}"


def header_key(thread: ThreadKey) -> str:
    return f"{HEADER}{_path(thread)}"


def turns_prefix(thread: ThreadKey) -> str:
    return f"{TURN}{_path(thread)}/"


def channel_turns_prefix(team: str, channel: str) -> str:
    return f"{TURN}{team}/{channel}/"


def turn_key(thread: ThreadKey, number: int) -> str:
    """Numbers have eight digits, so that the order of keys is the order of turns."""
    return f"{turns_prefix(thread)}{number:08d}"


def draft_key(thread: ThreadKey) -> str:
    return f"draft/{_path(thread)}"


def scopes_prefix(team: str) -> str:
    return f"instructions/{team}/"


def revisions_prefix(scope: Scope) -> str:
    return f"{scopes_prefix(scope.team)}{scope.channel or OPEN_PART}/{scope.thread or OPEN_PART}/"


def revision_key(scope: Scope, number: int) -> str:
    return f"{revisions_prefix(scope)}{number:08d}"


def scope_of(key: str) -> Scope:
    """The scope that an edition belongs to."""
    _, team, *parts, _ = key.split("/")
    channel, thread = ("" if part == OPEN_PART else part for part in parts)
    return Scope(team, channel, thread)


def changes_prefix(team: str) -> str:
    return f"{AMENDED}{team}/"


def change_key(team: str, number: int) -> str:
    return f"{changes_prefix(team)}{number:08d}"


def allowed_prefix(team: str, channel: str) -> str:
    return f"allowed/{team}/{channel}/"


def feedback_key(team: str) -> str:
    return f"feedback/{team}"


def thread_of(key: str) -> ThreadKey:
    """The thread that a row other than a claim belongs to."""
    _, team, channel, ts, *_ = key.split("/")
    return ThreadKey(team, channel, ts)


def corrupt_thread(key: str) -> ThreadKey:
    """The thread that a row belonged to that was set aside."""
    return thread_of(key.split("/", 2)[2])


def team_of(key: str) -> str:
    """The workspace that a row belongs to, other than one that was set aside."""
    return key.split("/")[1]


def number_of(key: str) -> int:
    """The number that a row's key ends with."""
    return int(key.rpartition("/")[2])


def _path(thread: ThreadKey) -> str:
    return f"{thread.team}/{thread.channel}/{thread.ts}"

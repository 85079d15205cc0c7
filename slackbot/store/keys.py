"""What the rows of the database are called.

There is a row for each thing that changes by itself, so that a change costs the same however
much is stored already. THREAD is TEAM/CHANNEL/TS:

    claim/TEAM/CHANNEL/TS      a message was taken; its thread, and its turn once it has one
    open/THREAD/TS             the same in full, with its reply's place; until answered
    again/THREAD/00000017      one of the thread's turns is to be answered anew
    header/THREAD              a conversation, from the first claim in its thread on
    turn/THREAD/00000017       one of its turns
    instructions/SCOPE/00000017   one edition of the instructions of a scope
    allowed/TEAM/CHANNEL/USER  who may change a channel's instructions beside the admins
    feedback/TEAM              how often people liked an answer, and how often not
    corrupt/TIME/...           what could not be read, under its old keys

SCOPE is TEAM/CHANNEL/TS too, with a dash for each part that it leaves open.

A bot's message has a claim too once its turn is stored: what people do to it finds the turn.
"""

from slackbot.conversation import Message, ThreadKey
from slackbot.instructions import Scope

OPEN = "open/"
AGAIN = "again/"
HEADER = "header/"
TURN = "turn/"
CORRUPT = "corrupt/"


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


def turn_key(thread: ThreadKey, number: int) -> str:
    """Numbers have eight digits, so that the order of keys is the order of turns."""
    return f"{turns_prefix(thread)}{number:08d}"


def editions_prefix(scope: Scope) -> str:
    return f"instructions/{scope.team}/{scope.channel or '-'}/{scope.thread or '-'}/"


def edition_key(scope: Scope, number: int) -> str:
    return f"{editions_prefix(scope)}{number:08d}"


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


def number_of(key: str) -> int:
    """The number of the turn that a row is about."""
    return int(key.rpartition("/")[2])


def _path(thread: ThreadKey) -> str:
    return f"{thread.team}/{thread.channel}/{thread.ts}"

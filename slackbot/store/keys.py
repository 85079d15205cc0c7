"""The keys of the database's rows.

Each thing that changes by itself has a row, so that a change costs the same however much is
stored. THREAD is TEAM/CHANNEL/TS:

    inbox/THREAD/000000000017/IDENTITY  an event as Slack delivered it, until it is folded in
    seen/THREAD/IDENTITY       an event that was appended before; kept as long as the thread
    claim/TEAM/CHANNEL/TS      a received message: its thread, and its turn once it has one
    open/THREAD/TS             the message itself and its reply's messages, until answered, and the
                               message that is about to be posted
    again/THREAD/00000017      a turn of the thread to answer again, and the message that is about
                               to be posted for it
    header/THREAD              a conversation, from its thread's first claim on
    turn/THREAD/00000017       one of its turns
    lost/THREAD/TS             a message that can't be read any more, until its people are told
    draft/THREAD/KEY           the messages of an unfinished turn
    draft/THREAD/KEY/0003      what the model wrote and called in a round of tools for it
    draft/THREAD/KEY/0003/0012 the result of one of those calls
    instructions/SCOPE/00000017   one revision of a scope's settings
    amended/TEAM/00000017      the revision that the workspace's change made
    allowed/TEAM/CHANNEL/USER  who may change a channel's settings, besides admins
    feedback/TEAM              how many answers people rated good or bad
    request/TEAM/000000000017/HASH   a command that was carried out at that time, for ten minutes
    pins/TEAM/SERVER           what the tools of an MCP server were when they were accepted
    installation/ENTERPRISE/TEAM   who has installed the app, with encrypted tokens; a dash stands
                               for no organisation, or for all of its workspaces
    rates/TEAM                 what is left of Slack's rate limits, and what was learned of them
    corrupt/TIME/...           rows that could not be read, under their old keys
    meta/cleaned/-             when a replica deleted old conversations; in PostgreSQL alone
    meta/inbox/TEAM            the number of the last event in the workspace's inbox
    meta/removed/TEAM          the workspace has removed the app: nothing else is written about it
    meta/restored/TEAM         which messages waited when the database was restored from a backup

SCOPE is TEAM/CHANNEL/TS too, with a dash for each part that it leaves open.

The bot's messages have claims too once their turn is stored, so that a rating finds the turn. A
message that no other row names (a command, or one that was deleted) has `seen/THREAD/message/TS`,
so that its claim is deleted with the thread.
"""

import re
from datetime import UTC, datetime

from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.inbox_events import InboxEvent
from slackbot.conversation.messages import Message, ThreadKey
from slackbot.instructions.scopes import Scope
from slackbot.workspaces.installations import InstallationKey

OPEN_SCOPE_PART = "-"
"""Stands for the channel or thread of a wider scope."""

CLAIM = "claim/"
INBOX = "inbox/"
SEEN = "seen/"
OPEN = "open/"
AGAIN = "again/"
HEADER = "header/"
TURN = "turn/"
DRAFT = "draft/"
LOST = "lost/"
CORRUPT = "corrupt/"
AMENDED = "amended/"
INSTALLATION = "installation/"

_THREAD = "[^/]*/[^/]*/[^/]*"
_NUMBER = "[0-9]{8,18}"

POSSIBLE = {
    kind: re.compile(f"{kind}/{rest}", re.DOTALL)
    for kind, rest in {
        "inbox": f"{_THREAD}/[0-9]{{12,18}}/.*",
        "seen": f"{_THREAD}/.*",
        "claim": "[^/]*/[^/]*/[^/]*",
        "open": f"{_THREAD}/[^/]*",
        "again": f"{_THREAD}/{_NUMBER}",
        "header": _THREAD,
        "turn": f"{_THREAD}/{_NUMBER}",
        "lost": f"{_THREAD}/[^/]*",
        "draft": f"{_THREAD}/.*",
        "instructions": f"[^/]*/[^/]*/[^/]*/{_NUMBER}",
        "amended": f"[^/]*/{_NUMBER}",
        "allowed": "[^/]*/[^/]*/[^/]*",
        "pins": "[^/]*/[^/]*",
        "installation": "[^/]*/[^/]*",
    }.items()
}
"""What the keys of a kind look like; those of another kind are never taken apart."""

DRAFT_HEAD_SLASHES = 4
"""In draft/TEAM/CHANNEL/TS/KEY; the other rows of a draft have more."""

EVENT_DIGITS = 12
"""Of an event's number; leading zeros keep keys in the order of arrival."""


def is_possible(key: str) -> bool:
    """Whether the bot can have written a row under this key: damage changes keys too."""
    pattern = POSSIBLE.get(key.partition("/")[0])
    return pattern is None or (key.isprintable() and pattern.fullmatch(key) is not None)


def thread_prefix(kind: str, thread: ThreadKey) -> str:
    """Of a thread's rows of one kind, but for its header, which is one row."""
    return f"{kind}{_path(thread)}/"


def inbox_prefix(thread: ThreadKey) -> str:
    return f"{INBOX}{_path(thread)}/"


def event_prefix(thread: ThreadKey, number: int) -> str:
    return f"{inbox_prefix(thread)}{number:0{EVENT_DIGITS}d}/"


def event_key(number: int, event: InboxEvent) -> str:
    return f"{event_prefix(event.thread, number)}{event.identity}"


def last_event_key(team: TeamId) -> str:
    return f"meta/inbox/{team}"


def removed_key(team: TeamId) -> str:
    return f"meta/removed/{team}"


def event_number(key: str) -> int:
    return int(key.split("/")[4])


def event_identity(key: str) -> str:
    return key.split("/", 5)[5]


def seen_prefix(thread: ThreadKey) -> str:
    return f"{SEEN}{_path(thread)}/"


def seen_key(thread: ThreadKey, identity: str) -> str:
    return f"{seen_prefix(thread)}{identity}"


def seen_identity(key: str) -> str:
    return key.split("/", 4)[4]


def seconds_of(identity: str) -> int:
    """When an event happened, by Slack's clock, in seconds since the epoch; 0 if it does not tell.

    The latest ts of its identity: that of an edit or a press, or else its message's.
    """
    times = [part.partition(".")[0] for part in identity.split("/") if "." in part]
    return max((int(time) for time in times if time.isdecimal()), default=0)


def message_of(identity: str) -> Ts:
    """The ts of a received message; "" if the identity is that of another event."""
    kind, _, ts = identity.partition("/")
    return Ts(ts if kind in ("message", "files") else "")


def written_in(key: str) -> Ts:
    """The ts of the message whose text is in a row of the inbox, or of those that wait; "" if it is
    in none.
    """
    if key.startswith(OPEN):
        return Ts(key.rpartition("/")[2])
    kind, *parts = event_identity(key).split("/")
    return Ts(parts[0] if kind in ("message", "files", "edit") else "")


def user_of(identity: str) -> UserId:
    """The person who pressed a button or stopped the bot; "" for another event."""
    kind, *parts = identity.split("/")
    return UserId({"press": parts[1:2], "stop": parts[:1]}.get(kind, [""])[0])


def claims_prefix(team: TeamId, channel: ChannelId) -> str:
    return f"{CLAIM}{team}/{channel}/"


def claim_key(thread: ThreadKey, ts: Ts) -> str:
    return f"{claims_prefix(thread.team, thread.channel)}{ts}"


def open_prefix(thread: ThreadKey) -> str:
    return f"{OPEN}{_path(thread)}/"


def open_key(message: Message) -> str:
    return f"{open_prefix(message.thread)}{message.ts}"


def again_prefix(thread: ThreadKey) -> str:
    return f"{AGAIN}{_path(thread)}/"


def again_key(thread: ThreadKey, number: int) -> str:
    return f"{again_prefix(thread)}{number:08d}"


def lost_prefix(thread: ThreadKey) -> str:
    return f"{LOST}{_path(thread)}/"


def lost_key(thread: ThreadKey, ts: Ts) -> str:
    return f"{lost_prefix(thread)}{ts}"


def header_key(thread: ThreadKey) -> str:
    return f"{HEADER}{_path(thread)}"


def turns_prefix(thread: ThreadKey) -> str:
    return f"{TURN}{_path(thread)}/"


def channel_turns_prefix(team: TeamId, channel: ChannelId) -> str:
    return f"{TURN}{team}/{channel}/"


def turn_key(thread: ThreadKey, number: int) -> str:
    """The number has eight digits, so that keys are in the order of turns."""
    return f"{turns_prefix(thread)}{number:08d}"


def drafts_prefix(thread: ThreadKey) -> str:
    return f"{DRAFT}{_path(thread)}/"


def draft_key(thread: ThreadKey, key: str) -> str:
    return f"{drafts_prefix(thread)}{key}"


def turn_draft(number: int) -> str:
    """The KEY of the draft of a turn whose answer is regenerated."""
    return f"{number:08d}"


def tool_round_key(thread: ThreadKey, key: str, number: int) -> str:
    return f"{draft_key(thread, key)}/{number:04d}"


def tool_result_key(thread: ThreadKey, key: str, number: int, call: int) -> str:
    """`call` is the place of the call in its round."""
    return f"{tool_round_key(thread, key, number)}/{call:04d}"


def is_draft_head(key: str) -> bool:
    """Whether a draft's row is the one with its messages."""
    return key.count("/") == DRAFT_HEAD_SLASHES


def drafted_turn_key(thread: ThreadKey, key: str) -> str:
    """The turn whose answer is regenerated, by the key of its draft."""
    return f"{turns_prefix(thread)}{key}"


def scopes_prefix(team: TeamId) -> str:
    return f"instructions/{team}/"


def revisions_prefix(scope: Scope) -> str:
    channel, thread = scope.channel or OPEN_SCOPE_PART, scope.thread or OPEN_SCOPE_PART
    return f"{scopes_prefix(scope.team)}{channel}/{thread}/"


def revision_key(scope: Scope, number: int) -> str:
    return f"{revisions_prefix(scope)}{number:08d}"


def scope_of(key: str) -> Scope:
    """The scope of a revision's row."""
    _, team, *parts, _ = key.split("/")
    channel, thread = ("" if part == OPEN_SCOPE_PART else part for part in parts)
    return Scope(TeamId(team), ChannelId(channel), Ts(thread))


def changes_prefix(team: TeamId) -> str:
    return f"{AMENDED}{team}/"


def change_key(team: TeamId, number: int) -> str:
    return f"{changes_prefix(team)}{number:08d}"


def allowed_prefix(team: TeamId, channel: ChannelId) -> str:
    return f"allowed/{team}/{channel}/"


def feedback_key(team: TeamId) -> str:
    return f"feedback/{team}"


def team_pins_prefix(team: TeamId) -> str:
    return f"pins/{team}/"


def pins_key(team: TeamId, server: str) -> str:
    return f"{team_pins_prefix(team)}{server}"


def installation_key(key: InstallationKey) -> str:
    return f"{INSTALLATION}{key.enterprise or OPEN_SCOPE_PART}/{key.team or OPEN_SCOPE_PART}"


def is_of_team(key: str, team: TeamId) -> bool:
    """Whether an installation's row is that of a workspace, whatever its organisation is."""
    return key.startswith(INSTALLATION) and key.endswith(f"/{team}")


def rates_key(team: TeamId) -> str:
    return f"rates/{team}"


def restored_key(team: TeamId) -> str:
    return f"meta/restored/{team}"


def requests_prefix(team: TeamId) -> str:
    return f"request/{team}/"


def request_key(team: TeamId, at: int, digest: str) -> str:
    """`at` is in seconds since the epoch."""
    return f"{requests_prefix(team)}{at:012d}/{digest}"


def request_time(key: str) -> int:
    """When a request was carried out; 0 for a key that nobody writes."""
    at = key.split("/")[2]
    return int(at) if at.isdecimal() else 0


def thread_of(key: str) -> ThreadKey:
    """The thread that a row other than a claim belongs to."""
    _, team, channel, ts, *_ = key.split("/")
    return ThreadKey(TeamId(team), ChannelId(channel), Ts(ts))


def aside_prefix() -> str:
    """The prefix of rows that are set aside as corrupt now: the time is for people to read."""
    return f"{CORRUPT}{datetime.now(UTC).isoformat()}/"


def corrupt_thread(key: str) -> ThreadKey | None:
    """The thread of a row that was set aside as corrupt; None if it belonged to a workspace."""
    try:
        return thread_of(key.split("/", 2)[2])
    except (IndexError, ValueError):
        return None


def corrupt_team(key: str) -> TeamId:
    """The workspace of a row that was set aside as corrupt; "" if its key does not tell."""
    return TeamId((*key.split("/", 4), "", "")[3])


def team_of(key: str) -> TeamId:
    """The workspace of a row that was not set aside."""
    return TeamId(key.split("/")[1])


def number_of(key: str) -> int:
    """The number that a row's key ends with."""
    return int(key.rpartition("/")[2])


def _path(thread: ThreadKey) -> str:
    return f"{thread.team}/{thread.channel}/{thread.ts}"

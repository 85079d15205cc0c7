"""What one process tells the others that use the same database, with the change that it is about.

Nothing depends on it: it says sooner what polling finds anyway. `postgres/notifications.py` has the
way from one to the other.
"""

import json
from dataclasses import dataclass
from typing import LiteralString, Protocol

from slackbot.conversation.ids import ChannelId, TeamId, Ts
from slackbot.conversation.messages import ThreadKey


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event of this thread was stored."""

    thread: ThreadKey


@dataclass(frozen=True, slots=True)
class NewSettings:
    """Something was set in the workspace, or accepted of a tool."""

    team: TeamId


@dataclass(frozen=True, slots=True)
class NewWorkspaces:
    """A lease was released, or a workspace was added, changed or removed."""


Announcement = NewEvent | NewSettings | NewWorkspaces

WORKSPACES: LiteralString = '{"workspaces": true}'
"""The payload of `NewWorkspaces`."""


class Listener(Protocol):
    """Is told what was announced. None of these may block."""

    def on_thread(self, thread: ThreadKey, store: str) -> None:
        """An event of this thread was stored, by the process with this `store`."""
        ...

    def on_workspaces(self) -> None:
        """A lease was released, or a workspace was added, changed or removed."""
        ...

    def on_settings(self, team: TeamId, store: str) -> None:
        """Somebody has set something in the workspace; the process with this `store` wrote it."""
        ...

    def on_gap(self) -> None:
        """Anything may have happened meanwhile: notifications arrive from now on, again."""
        ...


def payload_of(announcement: Announcement, store: str) -> str:
    """The text that is sent. `store` identifies the process, which needs not be told itself."""
    match announcement:
        case NewEvent(thread):
            names = [thread.team, thread.channel, thread.ts]
            return json.dumps({"thread": names, "store": store})
        case NewSettings(team):
            return json.dumps({"settings": [team, store]})
        case NewWorkspaces():
            return WORKSPACES


def tell(listener: Listener, payload: str) -> None:
    """Hands an announcement on. Anything else is left out: others may use the channel too."""
    match _parsed(payload):
        case {"thread": [str(team), str(channel), str(ts)], "store": str(store)}:
            listener.on_thread(ThreadKey(TeamId(team), ChannelId(channel), Ts(ts)), store)
        case {"settings": [str(team), str(store)]}:
            listener.on_settings(TeamId(team), store)
        case {"workspaces": True}:
            listener.on_workspaces()
        case _:
            pass


def _parsed(payload: str) -> object:
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        return None

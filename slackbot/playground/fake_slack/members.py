"""The team, people and channels of a workspace."""

from dataclasses import dataclass, field
from typing import Literal

ChannelKind = Literal["channel", "group", "im", "mpim"]
"""`channel` is public, `group` a private channel; Slack's `channel_type` in events."""

Restriction = Literal["non_threadable_channel", "read_only_channel", "thread_only_channel"]
"""https://docs.slack.dev/reference/methods/chat.postMessage#errors, after `restricted_action_`."""


@dataclass(frozen=True, slots=True)
class Team:
    team_id: str
    name: str
    domain: str


@dataclass(slots=True, eq=False)
class Organisation:
    """An organisation on Slack's Enterprise plan, which has several workspaces.

    https://docs.slack.dev/enterprise
    """

    enterprise_id: str
    name: str
    bot_user: str
    """The id of the app's bot user, which is the same in all workspaces of an organisation."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person, or the bot user of an app if `bot_id` is set."""

    id: str
    name: str
    real_name: str
    team_id: str
    admin: bool = False
    owner: bool = False
    restricted: bool = False
    ultra_restricted: bool = False
    stranger: bool = False
    bot_id: str = ""
    app_id: str = ""
    tz: str = "Etc/UTC"
    tz_offset: int = 0
    """The offset from UTC in seconds."""

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"


@dataclass(slots=True)
class Channel:
    """A channel, direct message or group message; `members` are user ids."""

    id: str
    name: str
    kind: ChannelKind
    members: set[str] = field(default_factory=set)
    archived: bool = False
    ext_shared: bool = False
    """People of another organisation are in it."""
    connected: list[str] = field(default_factory=list)
    """The ids of the workspaces that share it, in the order in which they joined, the host first.

    Empty for a channel of one workspace.
    """
    restriction: Restriction | None = None
    """What its posting settings forbid."""

    @property
    def is_ext_shared(self) -> bool:
        """Whether it is a channel of Slack Connect."""
        return self.ext_shared or bool(self.connected)

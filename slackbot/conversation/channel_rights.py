"""Who sees what is said in a channel, and where it may be told. Pure."""

from dataclasses import dataclass

from slackbot.conversation.ids import ChannelId
from slackbot.conversation.roles import Role


@dataclass(frozen=True, slots=True)
class Place:
    """A channel or direct message, as far as it decides who reads along there.

    What Slack does not say counts as the narrower: a channel is private, and has only its members.
    """

    channel: ChannelId
    is_public: bool = False
    is_direct: bool = False
    """A direct message between the bot and one person; one of several people is not."""
    is_shared: bool = True
    """People of another organisation are in it, or are invited."""


def sees(role: Role, place: Place, *, is_member: bool) -> bool:
    """Whether somebody can read a place in Slack: its members can, and members of the workspace
    can read every public channel. Guests and people of other organisations are shown only the
    channels that they are in: https://slack.com/help/articles/202518103
    """
    return is_member or (place.is_public and role >= Role.MEMBER)


def may_tell(source: Place, here: Place) -> bool:
    """Whether what somebody sees in `source` may be told to them in `here`, where others read
    along: in the same place, where nobody else reads, or if it is public among people of one
    organisation.
    """
    if source.channel == here.channel or here.is_direct:
        return True
    return source.is_public and not here.is_shared

"""The people and channels of a workspace, and the app's access to them."""

from collections.abc import Iterable

from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.ids import IdGenerator
from slackbot.playground.fake_slack.members import Channel, ChannelKind, Person, Team
from slackbot.playground.fake_slack.scopes import BOT_SCOPES


class Directory:
    """The team, its people and channels by id, and the app with its tokens."""

    def __init__(self) -> None:
        self.ids = IdGenerator()
        domain = self.ids.secret("playground-", 3)
        self.team = Team(f"T{self.ids.secret(size=5).upper()}", "Playground", domain)
        self.people: dict[str, Person] = {}
        self.channels: dict[str, Channel] = {}
        self.groups: dict[str, str] = {}
        """The handles of user groups by their ids."""
        self.bot = self.add_person("assistant", bot=True)
        self.app_id = self.bot.app_id
        self.bot_token = self.ids.secret("xoxb-")
        self.app_token = self.ids.secret("xapp-")
        self.signing_secret = self.ids.secret()
        self.scopes = set(BOT_SCOPES)
        """The scopes of the bot's token."""
        self.is_enterprise_install = False
        """The app is installed for a whole organisation, not only for this workspace."""
        self.token_error = ""
        """The error of every call with the bot's token, such as token_revoked; "" for none."""

    def add_person(  # noqa: PLR0913 - the flags of Slack's user object
        self,
        name: str,
        *,
        real_name: str = "",
        admin: bool = False,
        owner: bool = False,
        restricted: bool = False,
        ultra_restricted: bool = False,
        stranger: bool = False,
        bot: bool = False,
        tz: tuple[str, int] = ("Etc/UTC", 0),
    ) -> Person:
        """Adds a person. `stranger` means another organisation, `bot` an app's bot user.

        `tz` is the name of the time zone and its offset from UTC in seconds.
        """
        person = Person(
            id=self.ids.id("U"),
            name=name,
            real_name=real_name or name.title(),
            team_id=self.ids.id("T") if stranger else self.team.team_id,
            admin=admin or owner,
            owner=owner,
            restricted=restricted or ultra_restricted,
            ultra_restricted=ultra_restricted,
            stranger=stranger,
            bot_id=self.ids.id("B") if bot else "",
            app_id=self.ids.id("A") if bot else "",
            tz=tz[0],
            tz_offset=tz[1],
        )
        self.people[person.id] = person
        return person

    def add_channel(
        self,
        name: str,
        *,
        members: Iterable[Person] = (),
        private: bool = False,
        with_bot: bool = True,
    ) -> Channel:
        kind: ChannelKind = "group" if private else "channel"
        joined = {*members, self.bot} if with_bot else set(members)
        return self._add("C", name, kind, joined)

    def add_group(self, handle: str) -> str:
        """Adds a user group and returns its id."""
        group = self.ids.id("S")
        self.groups[group] = handle
        return group

    def direct_message(self, person: Person) -> Channel:
        """Returns the direct message between a person and the bot, creating it if needed."""
        both = {person.id, self.bot.id}
        for channel in self.channels.values():
            if channel.kind == "im" and channel.members == both:
                return channel
        return self._add("D", person.name, "im", {person, self.bot})

    def group_message(self, *people: Person) -> Channel:
        """Creates a group message between some people and the bot."""
        name = "-".join(["mpdm", *(person.name for person in people)])
        return self._add("C", name, "mpim", {*people, self.bot})

    def channel(self, channel_id: str) -> Channel:
        """Returns a channel that the bot may see; a person's id means their direct message.

        Raises RefusedError.
        """
        if channel_id in self.people:
            return self.direct_message(self.people[channel_id])
        channel = self.channels.get(channel_id)
        if channel is None or (channel.kind != "channel" and self.bot.id not in channel.members):
            raise RefusedError("channel_not_found")
        return channel

    def joined_channel(self, channel_id: str) -> Channel:
        """Returns a channel that the bot is a member of; raises RefusedError."""
        channel = self.channel(channel_id)
        if self.bot.id not in channel.members:
            raise RefusedError("not_in_channel")
        return channel

    def require_scope(self, scope: str) -> None:
        """Raises RefusedError unless the bot's token has this scope."""
        if scope not in self.scopes:
            provided = ",".join(sorted(self.scopes))
            raise RefusedError("missing_scope", needed=scope, provided=provided)

    def _add(self, prefix: str, name: str, kind: ChannelKind, members: Iterable[Person]) -> Channel:
        channel = Channel(self.ids.id(prefix), name, kind, {member.id for member in members})
        self.channels[channel.id] = channel
        return channel

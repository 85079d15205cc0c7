"""The people and channels of a workspace, and the app's access to them."""

from collections.abc import Iterable
from dataclasses import replace

from slackbot.playground.fake_slack import scopes
from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.installations import AppInstallation
from slackbot.playground.fake_slack.members import (
    Channel,
    ChannelKind,
    Organisation,
    Person,
    Team,
)
from slackbot.playground.fake_slack.platform_records import PlatformRecords, RegisteredApp
from slackbot.playground.json_types import Json


class Directory:
    """The team, its people and channels by id, and the app's installation in it."""

    def __init__(
        self, platform: PlatformRecords, name: str, organisation: Organisation | None
    ) -> None:
        self.platform = platform
        self.ids = platform.ids
        self.organisation = organisation
        self.team = Team(self.ids.team(), name, self.ids.secret("playground-", 3))
        self.people: dict[str, Person] = {}
        self.channels: dict[str, Channel] = {}
        self.groups: dict[str, str] = {}
        """The handles of user groups by their ids."""
        self.bot = self._add_bot()
        self.installation: AppInstallation | None = None
        """What lets the app work here: its own installation, or that of its organisation."""

    @property
    def app(self) -> RegisteredApp:
        return self.platform.app

    @property
    def app_id(self) -> str:
        return self.app.app_id

    @property
    def app_token(self) -> str:
        return self.app.app_token

    @property
    def signing_secret(self) -> str:
        return self.app.signing_secret

    @property
    def has_app(self) -> bool:
        """Whether the app is installed here."""
        return self.installation is not None and not self.installation.is_uninstalled

    @property
    def _installed(self) -> AppInstallation:
        if self.installation is None:
            raise LookupError(f"the app is not installed in {self.team.name}")
        return self.installation

    @property
    def bot_token(self) -> str:
        """The newest token of the app's bot. Raises LookupError if the app is not installed."""
        return self._installed.tokens[-1].value

    @property
    def scopes(self) -> set[str]:
        """The scopes of the bot's token."""
        return self._installed.scopes

    @scopes.setter
    def scopes(self, scopes: set[str]) -> None:
        self._installed.scopes = scopes

    @property
    def token_error(self) -> str:
        """The error of every call with the bot's token, such as token_revoked; "" for none."""
        return self._installed.error

    @token_error.setter
    def token_error(self, error: str) -> None:
        self._installed.error = error

    @property
    def enterprise(self) -> Json | None:
        """The organisation, as most of Slack's payloads have it."""
        if self.organisation is None:
            return None
        return {"id": self.organisation.enterprise_id, "name": self.organisation.name}

    @property
    def authorization(self) -> Json:
        """Describes the installation, as in an event's `authorizations`.

        https://docs.slack.dev/apis/events-api#authorizations
        """
        return {
            "enterprise_id": self.enterprise and self.enterprise["id"],
            "team_id": self.team.team_id,
            "user_id": self.bot.id,
            "is_bot": True,
            "is_enterprise_install": self.is_enterprise_install,
        }

    @property
    def is_enterprise_install(self) -> bool:
        """Whether the app is installed for a whole organisation, not only for this workspace."""
        return self.installation is not None and self.installation.team is None

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
        scopes.require(self.scopes, scope)

    def _add_bot(self) -> Person:
        """Adds the bot user of the app, which belongs to the organisation if there is one."""
        bot = replace(self.add_person("assistant", bot=True), app_id=self.app_id)
        if self.organisation is not None:
            del self.people[bot.id]
            bot = replace(bot, id=self.organisation.bot_user)
        self.people[bot.id] = bot
        return bot

    def _add(self, prefix: str, name: str, kind: ChannelKind, members: Iterable[Person]) -> Channel:
        channel = Channel(self.ids.id(prefix), name, kind, {member.id for member in members})
        self.channels[channel.id] = channel
        return channel

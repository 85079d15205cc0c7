"""Who has installed the app: values, and the protocol of where they are stored."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from slackbot.conversation.ids import EnterpriseId, TeamId, UserId


@dataclass(frozen=True, slots=True)
class InstallationKey:
    """What an installation belongs to: a workspace, or a whole organisation."""

    team: TeamId
    """"" for an organisation-wide installation."""
    enterprise: EnterpriseId = EnterpriseId("")
    """"" for a workspace that belongs to no organisation."""

    def __str__(self) -> str:
        return self.team or self.enterprise


@dataclass(frozen=True, slots=True)
class Installation:
    """An installation of the app in a workspace, or in an organisation for many of its workspaces.

    Each workspace that an organisation-wide installation serves has one too, without a token: it
    uses the organisation's. What Slack does not say is "" or None.
    https://docs.slack.dev/authentication/installing-with-oauth
    """

    key: InstallationKey
    team_name: str = ""
    enterprise_name: str = ""
    app: str = ""
    """The app's ID, as `A012AB3CD`."""
    bot_user: UserId = UserId("")
    bot: str = ""
    """The bot's ID, as `B012AB3CD`."""
    scopes: tuple[str, ...] = ()
    installer: UserId = UserId("")
    installed_at: int = 0
    """In seconds since the epoch, as all times here."""
    sealed_tokens: str = ""
    """Encrypted `BotTokens`; "" where the organisation's are used, and once they are deleted."""
    expires_at: int | None = None
    """When the bot token expires; None for one that lasts."""
    refreshing_since: int | None = None
    """When a replica began to ask Slack for the next tokens, by the database's clock."""
    removal_reported_at: int | None = None
    """When Slack said that the app is removed, while the token still worked; by the same clock."""
    removing_since: int | None = None
    """When a replica began to delete what is stored about the workspace: the app is removed. By the
    same clock.
    """

    @property
    def is_for_organisation(self) -> bool:
        """Whether it serves many workspaces."""
        return not self.key.team

    @property
    def is_being_removed(self) -> bool:
        return self.removing_since is not None

    @property
    def uses_organisation(self) -> bool:
        """Whether the token is that of the organisation-wide installation."""
        return not (self.sealed_tokens or self.is_being_removed or self.is_for_organisation)


Now = Callable[[], Awaitable[float]]
"""`InstallationStore.now`."""


class InstallationStore(Protocol):
    """Where installations are stored. Every method may raise StoreError."""

    async def now(self) -> float:
        """Returns the time in seconds since the epoch, by one clock for all replicas."""

    async def installations(self) -> Sequence[Installation]:
        """Returns all that can be read, by their keys."""

    async def installation(self, key: InstallationKey) -> Installation | None:
        """Returns None if there is none, or none that can be read.

        A workspace is found by its ID alone: its organisation may have changed.
        """

    async def add_installation(self, installation: Installation) -> bool:
        """Writes an installation. From now on its workspace is written about again, if it had
        removed the app.

        Returns False, and changes nothing, if the workspace or organisation has one already.
        """

    async def replace_installation(self, old: Installation, new: Installation | None) -> bool:
        """Writes `new`, or nothing, in the place of `old`.

        Returns False, and changes nothing, if what is stored is not `old` any more.
        """

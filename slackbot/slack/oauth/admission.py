"""Lets the workspaces of an organisation in, once Slack says that its installation serves them.

What people do names other workspaces of their organisation too, and an event may come late, after
the organisation has taken the app away from one.
"""

import time
from collections.abc import Callable

from cachetools import TTLCache

from slackbot.conversation.ids import TeamId
from slackbot.errors import UnreachableError
from slackbot.slack.oauth.standing import StandingCheck
from slackbot.workspaces.installations import Installation, InstallationKey, InstallationStore
from slackbot.workspaces.installed import InstalledWorkspaces, of_organisation

REFUSED_SECONDS = 15.0
"""How long Slack is not asked again about a workspace: it allows such a call every three seconds.
What somebody asks there meanwhile is lost, unless Slack says that the organisation has just added
the app.
"""

MAX_REFUSED = 10_000


class OrganisationAdmission:
    """Implements `router.Admission`."""

    def __init__(
        self,
        store: InstallationStore,
        installed: InstalledWorkspaces,
        standing: StandingCheck,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` gives seconds."""
        self._store = store
        self._installed = installed
        self._standing = standing
        self._refused = TTLCache[TeamId, None](MAX_REFUSED, REFUSED_SECONDS, clock)

    async def on_added(self, key: InstallationKey) -> None:
        """Slack says that an organisation has added the app to a workspace; perhaps late. Raises as
        `admit` does.
        """
        self._refused.pop(key.team, None)
        await self.admit(key)

    async def admit(self, key: InstallationKey) -> bool:
        """Notes that an organisation-wide installation serves a workspace.

        Returns False if it does not. Raises SlackError if Slack does not say, and StoreError or
        EncryptionError.
        """
        if not key.enterprise or key.team in self._refused:
            return False
        if await self._store.installation(of_organisation(key)) is None:
            return False
        if await self._store.installation(key) is None:
            standing = await self._standing.of(Installation(key))
            if standing == "unknown":
                raise UnreachableError("auth.teams.list", sent=True)
            if standing == "refused":
                self._refused[key.team] = None
                return False
        return await self._installed.admit(key)

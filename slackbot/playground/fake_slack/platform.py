"""A local Slack with many workspaces, in which one app can be installed."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from random import Random
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from slackbot.playground.fake_slack import installation_events
from slackbot.playground.fake_slack.delivery import Delivery
from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.event_feed import wait_until_settled
from slackbot.playground.fake_slack.installations import AppInstallation, InstallApproval
from slackbot.playground.fake_slack.members import Channel, Organisation, Person
from slackbot.playground.fake_slack.platform_records import PlatformRecords
from slackbot.playground.fake_slack.rate_limits import RateLimits
from slackbot.playground.fake_slack.scopes import BOT_SCOPES
from slackbot.playground.fake_slack.server import SlackServer
from slackbot.playground.fake_slack.web_api import WebApi
from slackbot.playground.fake_slack.workspace import Hosting, Workspace

T = TypeVar("T")


class SlackPlatform:
    """Runs on 127.0.0.1 inside an `async with` block, with any number of workspaces.

    A Web API call finds its workspace by its token. Each workspace has its own people, channels,
    rate limits, faults and record of calls; this class has those of calls about no workspace, such
    as oauth.v2.access.
    """

    def __init__(
        self, *, events_url: str | Sequence[str] | None = None, rng: Random | None = None
    ) -> None:
        """Events go to `events_url` over HTTP, or over Socket Mode without it.

        Several URLs, or several connections, are the app's replicas. They get events in turn; over
        Socket Mode `rng`, if given, draws the one that gets an event.
        """
        self.records = PlatformRecords()
        self.app = self.records.app
        self.installations = self.records.installations
        self.feed = self.records.feed
        self.sockets = self.records.sockets
        self.sockets.rng = rng
        self.changes = self.records.changes
        self._app_calls = WebApi(self.records)
        self.calls = self._app_calls.calls
        self.faults = self._app_calls.faults
        self._server = SlackServer(self.records, self._app_calls)
        self.workspaces: list[Workspace] = []
        self.events_url = events_url

    async def __aenter__(self) -> Self:
        await self._server.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._server.__aexit__(kind, error, traceback)

    @property
    def url(self) -> str:
        """The base URL of the Web API, for clients."""
        return f"{self.records.origin}/api/"

    @property
    def events_url(self) -> str | None:
        """As `PlatformRecords.events_url`."""
        return self.records.events_url

    @events_url.setter
    def events_url(self, urls: str | Sequence[str] | None) -> None:
        self.records.events_url = urls

    def add_workspace(
        self,
        name: str,
        *,
        organisation: Organisation | None = None,
        limits: RateLimits | None = None,
    ) -> Workspace:
        """Adds a workspace in which the app is not installed."""
        hosting = Hosting(self.records, self._server, self._app_calls, name, organisation)
        workspace = Workspace(hosting=hosting, limits=limits)
        self.workspaces.append(workspace)
        return workspace

    def add_organisation(self, name: str) -> Organisation:
        """Adds an organisation without workspaces."""
        ids = self.records.ids
        organisation = Organisation(ids.team("E"), name, ids.id("U"))
        self.records.organisations.append(organisation)
        return organisation

    def approve(
        self,
        where: Workspace | Organisation,
        *,
        state: str = "",
        redirect_uri: str = "",
        scopes: Iterable[str] = BOT_SCOPES,
        installer: Person | None = None,
    ) -> InstallApproval:
        """A person clicks on Allow. The app is installed once it exchanges the code.

        https://docs.slack.dev/authentication/installing-with-oauth
        """
        installation = self._installation(where, scopes)
        installation.installer = "" if installer is None else installer.id
        return self.installations.approve(
            installation,
            redirect_uri,
            lambda code: f"{redirect_uri}?{urlencode({'code': code, 'state': state})}",
        )

    def open(self, authorize_url: str, where: Workspace | Organisation) -> InstallApproval:
        """A person opens the app's link to Slack's page of scopes, and clicks on Allow.

        Raises RefusedError where Slack would show an error page: for another app's `client_id`,
        or a scope that Slack does not know.
        """
        asked = dict(parse_qsl(urlsplit(authorize_url).query))
        if asked.get("client_id") != self.app.client_id:
            raise RefusedError("invalid_client_id")
        scopes = {scope for scope in asked.get("scope", "").split(",") if scope}
        if not scopes or not scopes <= BOT_SCOPES:
            raise RefusedError("invalid_scope")
        return self.approve(
            where,
            state=asked.get("state", ""),
            redirect_uri=asked.get("redirect_uri", ""),
            scopes=scopes,
        )

    def install(
        self, where: Workspace | Organisation, scopes: Iterable[str] = BOT_SCOPES
    ) -> AppInstallation:
        """Installs the app without OAuth, as "Install to Workspace" on the app's page does."""
        token = self.installations.add(self._installation(where, scopes))
        self.records.begin(token.installation)
        return token.installation

    async def uninstall(self, installation: AppInstallation) -> Sequence[Delivery]:
        """Uninstalls the app; returns its two events once they are acknowledged or given up."""
        deliveries = installation_events.uninstall(self.records, installation)
        await wait_until_settled(*deliveries)
        return deliveries

    async def grant(self, workspace: Workspace) -> None:
        """Admins let an app of the whole organisation work in one more of its workspaces.

        https://docs.slack.dev/reference/events/team_access_granted
        """
        assert workspace.organisation is not None  # noqa: S101 - only its admins can
        for installation in self.installations:
            if installation.team is None and installation.organisation is workspace.organisation:
                workspace.installation = installation
        await self._send_access_event("team_access_granted", workspace)

    async def withdraw(self, workspace: Workspace) -> None:
        """Admins take one of its workspaces away from an app of the whole organisation.

        https://docs.slack.dev/reference/events/team_access_revoked
        """
        workspace.installation = None
        await self._send_access_event("team_access_revoked", workspace)

    async def _send_access_event(self, kind: str, workspace: Workspace) -> None:
        assert workspace.organisation is not None  # noqa: S101 - as above
        event = {"type": kind, "team_ids": [workspace.team.team_id]}
        await wait_until_settled(
            installation_events.send_organisation_event(self.records, workspace.organisation, event)
        )

    def share(self, channel: Channel, host: Workspace, *guests: Workspace) -> None:
        """Connects a channel of `host` with other workspaces, and adds their bots to it.

        A workspace that is added later has joined later: https://docs.slack.dev/apis/slack-connect
        """
        channel.connected = channel.connected or [host.team.team_id]
        for guest in guests:
            channel.connected.append(guest.team.team_id)
            channel.members.add(guest.bot.id)
            guest.channels[channel.id] = channel
            for message in host.messages.values():
                if message.channel == channel.id:
                    guest.add_message(message)
        self.changes.notify()

    def move_clock(self, seconds: float) -> None:
        """Lets time pass for codes and tokens."""
        before = self.installations.clock
        self.installations.clock = lambda: before() + seconds

    async def until(
        self,
        condition: Callable[[], T],
        timeout: float = 30.0,  # noqa: ASYNC109 - as Workspace.until has it
    ) -> T:
        """As `Workspace.until`: any change of any workspace counts."""
        try:
            async with asyncio.timeout(timeout):
                return await self.changes.until(condition)
        except TimeoutError:
            summaries = "\n".join(f"{each.team.name}: {each.summary()}" for each in self.workspaces)
            raise TimeoutError(f"not so after {timeout:g} s\n{summaries}") from None

    def _installation(
        self, where: Workspace | Organisation, scopes: Iterable[str]
    ) -> AppInstallation:
        if isinstance(where, Organisation):
            return AppInstallation(where.bot_user, None, where, set(scopes))
        return AppInstallation(where.bot.id, where.team, where.organisation, set(scopes))

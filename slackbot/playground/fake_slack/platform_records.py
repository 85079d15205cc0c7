"""What all workspaces of a server share: the app, its installations, and its ways to get events."""

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slackbot.playground.change_notifier import ChangeNotifier
from slackbot.playground.fake_slack.event_feed import EventFeed
from slackbot.playground.fake_slack.http_delivery import HttpSender
from slackbot.playground.fake_slack.ids import IdGenerator
from slackbot.playground.fake_slack.installations import AppInstallation, AppInstallations
from slackbot.playground.fake_slack.socket_mode import SocketModeServer

if TYPE_CHECKING:
    from slackbot.playground.fake_slack.members import Organisation
    from slackbot.playground.fake_slack.records import WorkspaceRecords
    from slackbot.playground.json_types import Json


@dataclass(slots=True)
class RegisteredApp:
    """The app, as https://api.slack.com/apps shows it under "Basic Information"."""

    app_id: str
    client_id: str
    client_secret: str
    signing_secret: str
    app_token: str


class PlatformRecords:
    """The state of a server, in addition to that of each of its workspaces."""

    def __init__(self) -> None:
        self.ids = IdGenerator()
        self.changes = ChangeNotifier()
        self.app = RegisteredApp(
            app_id=self.ids.id("A"),
            client_id=self.ids.client_id(),
            client_secret=self.ids.secret(),
            signing_secret=self.ids.secret(),
            app_token=self.ids.secret("xapp-"),
        )
        self.installations = AppInstallations(self.ids, time.time)
        self.sockets = SocketModeServer(self.app.app_id, self.changes)
        self.posts = HttpSender(self.app.signing_secret)
        self.feed = self.new_feed()
        """For events of a whole organisation; each workspace has a feed for its own."""
        self.address = ""
        """The server's host and port."""
        self.origin = ""
        """What the addresses that it gives out begin with, without a slash at the end."""
        self.workspaces: list[WorkspaceRecords] = []
        self.organisations: list[Organisation] = []
        self.authorizations: dict[str, Sequence[Json]] = {}
        """All installations that may see an event, by its `event_context`."""

    @property
    def events_url(self) -> str | None:
        """The app's URL for events, the first of several; None means Socket Mode.

        Several are the app's replicas behind a load balancer: one after the other gets a request.
        """
        return next(iter(self.posts.urls), None)

    @events_url.setter
    def events_url(self, urls: str | Sequence[str] | None) -> None:
        self.posts.urls = deque([urls] if isinstance(urls, str) else urls or ())

    def new_feed(self) -> EventFeed:
        return EventFeed(self.sockets, self.posts, self.changes)

    async def close(self) -> None:
        """Gives up all deliveries, and closes the connections to the app."""
        for feed in (self.feed, *(each.feed for each in self.workspaces)):
            await feed.close()
        await self.sockets.close()
        await self.posts.close()

    def workspaces_of(self, installation: AppInstallation) -> list["WorkspaceRecords"]:
        """Returns the workspaces in which an installation works."""
        return [each for each in self.workspaces if each.installation is installation]

    def begin(self, installation: AppInstallation) -> None:
        """Lets an installation work in its workspace, or in all that its organisation has."""
        for workspace in self.workspaces:
            if installation.team is None:
                is_meant = workspace.organisation is installation.organisation
            else:
                is_meant = workspace.team == installation.team
            if is_meant:
                workspace.installation = installation
        self.changes.notify()

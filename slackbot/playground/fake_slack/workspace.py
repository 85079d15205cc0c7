"""A local Slack workspace for tests and the playground: people act in it, the app talks to it."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

from slackbot.playground.fake_slack.block_actions import BlockActions
from slackbot.playground.fake_slack.delivery import Delivery
from slackbot.playground.fake_slack.installations import AppInstallation
from slackbot.playground.fake_slack.members import Organisation
from slackbot.playground.fake_slack.message_actions import MessageActions
from slackbot.playground.fake_slack.platform_records import PlatformRecords
from slackbot.playground.fake_slack.rate_limits import CallLimiter, RateLimits
from slackbot.playground.fake_slack.recorded_calls import RecordedCall
from slackbot.playground.fake_slack.scopes import BOT_SCOPES
from slackbot.playground.fake_slack.server import SlackServer
from slackbot.playground.fake_slack.web_api import WebApi

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Hosting:
    """What a workspace is part of: a platform, its server, an organisation if there is one."""

    records: PlatformRecords
    server: SlackServer
    app_calls: WebApi
    name: str
    organisation: Organisation | None = None

    @classmethod
    def alone(cls) -> "Hosting":
        """A server with nothing on it."""
        records = PlatformRecords()
        app_calls = WebApi(records)
        return cls(records, SlackServer(records, app_calls), app_calls, "Playground")


def _is_event(delivery: Delivery) -> bool:
    return delivery.kind == "events_api"


class Workspace(MessageActions, BlockActions):
    """A workspace with one app installed, which runs on 127.0.0.1 inside an `async with` block.

    What people do (message_actions, app_actions, block_actions) is sent to the app. `SlackPlatform`
    has any number of workspaces on one server; then the platform's block is the one to enter.
    """

    def __init__(
        self,
        *,
        limits: RateLimits | None = None,
        latency: float = 0.0,
        events_url: str | Sequence[str] | None = None,
        mention_first: bool = False,
        mention_gap: float = 0.0,
        hosting: Hosting | None = None,
    ) -> None:
        """`limits` are Slack's rate limits, None for none. A Web API call takes `latency` seconds.

        Events go to `events_url` over HTTP, or over Socket Mode without it. `hosting` comes
        from a platform: no app is installed there yet.
        """
        is_alone = hosting is None
        hosting = hosting or Hosting.alone()
        super().__init__(hosting.records, hosting.name, hosting.organisation)
        self._server = hosting.server
        self._web_api = hosting.app_calls if is_alone else WebApi(hosting.records)
        self._server.add(self, self._web_api)
        self.calls = self._web_api.calls
        self.faults = self._web_api.faults
        self.latency = latency
        self.limits = limits
        self.deliveries = self.feed.deliveries
        self.mention_first = mention_first
        self.mention_gap = mention_gap
        if is_alone:
            self.events_url = events_url
            installation = AppInstallation(self.bot.id, self.team, None, set(BOT_SCOPES))
            self.platform.installations.add(installation)
            self.platform.begin(installation)

    async def __aenter__(self) -> Self:
        await self._server.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._server.__aexit__(exc_type, exc, traceback)

    @property
    def address(self) -> str:
        """The server's host and port."""
        return self.platform.address

    @property
    def connections(self) -> int:
        """How many Socket Mode connections are open."""
        return self.sockets.count

    @property
    def latency(self) -> float:
        """How many seconds a Web API call takes."""
        return self._web_api.latency

    @latency.setter
    def latency(self, seconds: float) -> None:
        self._web_api.latency = seconds
        self.changes.notify()

    @property
    def limits(self) -> RateLimits | None:
        """Slack's rate limits; setting them resets the counts."""
        return self._limits

    @limits.setter
    def limits(self, limits: RateLimits | None) -> None:
        self._limits = limits
        self._web_api.limiter = None if limits is None else CallLimiter(limits, time.monotonic)
        self.changes.notify()

    def used(self, method: str) -> int:
        """Returns how many calls of a method count against its limit now."""
        limiter = self._web_api.limiter
        return 0 if limiter is None else limiter.used(method)

    @property
    def events_url(self) -> str | None:
        """As `PlatformRecords.events_url`."""
        return self.platform.events_url

    @events_url.setter
    def events_url(self, urls: str | Sequence[str] | None) -> None:
        self.platform.events_url = urls

    @property
    def url(self) -> str:
        """The base URL of the Web API, for clients."""
        return f"{self.origin}/api/"

    async def deliver(self, event: Mapping[str, Any], /, **envelope: Any) -> Delivery:
        """Sends any event to the app at once, even while events are held back.

        `envelope` replaces fields of its envelope.
        """
        delivery = self.send_event(dict(event), **envelope)
        await self.feed.release(delivery)
        return delivery

    async def redeliver(self, delivery: Delivery) -> Delivery:
        """Sends a delivery again, as Slack does when it missed the acknowledgement.

        Any earlier delivery works: an old edit can arrive again after a newer one.
        """
        again = self.feed.send(delivery.kind, delivery.payload, retry=1)
        await self.feed.release(again)
        return again

    def hold_events(
        self, condition: Callable[[Delivery], bool] = _is_event
    ) -> AbstractAsyncContextManager[Sequence[Delivery]]:
        """Holds events back inside `async with`, so that they can be delivered out of order.

        Meanwhile `say`, `edit` and `delete` return at once. The context gives the list of held
        deliveries in order. `release` delivers one of them; the end of the context delivers the
        rest. With a `condition`, only deliveries for which it is true are held.
        """
        return self.feed.hold(condition)

    async def release(self, delivery: Delivery) -> None:
        """Delivers a held delivery; returns once it is acknowledged or given up."""
        await self.feed.release(delivery)

    @property
    def held_calls(self) -> Sequence[RecordedCall]:
        """The Web API calls that a fault holds back now, oldest first."""
        return self._web_api.held.waiting

    def release_calls(self, *calls: RecordedCall) -> None:
        """Lets held calls go on; all of them if none is given."""
        self._web_api.held.release(*calls)

    async def disconnect_sockets(self, reason: str | None = "refresh_requested") -> None:
        """Ends all Socket Mode connections: after a `disconnect` frame, or abruptly with None."""
        await self.sockets.disconnect(reason)

    async def until(
        self,
        condition: Callable[[], T],
        timeout: float = 30.0,  # noqa: ASYNC109 - part of what the error says
    ) -> T:
        """Returns what `condition()` returns, as soon as that is truthy.

        Raises TimeoutError after `timeout` seconds, with a summary of what happened.
        """
        try:
            async with asyncio.timeout(timeout):
                return await self.changes.until(condition)
        except TimeoutError:
            raise TimeoutError(f"not so after {timeout:g} s\n{self.summary()}") from None

    def summary(self) -> str:
        """Describes the current state in a few lines, for debugging a test."""
        unacknowledged = [d for d in self.deliveries if not d.acknowledged]
        return "\n".join(
            [
                f"{self.connections} connections",
                f"{len(self.deliveries)} deliveries, {len(unacknowledged)} not acknowledged",
                f"{len(self.calls)} calls, the last:",
                *(f"  {call.method} {call.status} {call.error}" for call in self.calls[-5:]),
                f"{len(self.messages)} messages, the last:",
                *(f"  {m.author.name}: {m.shown[:80]!r}" for m in [*self.messages.values()][-5:]),
            ]
        )

"""Sends events, commands and interactions to the app until it acknowledges them."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from slackbot.playground.change_notifier import ChangeNotifier
from slackbot.playground.fake_slack.delivery import Delivery, DeliveryKind, UnacknowledgedError
from slackbot.playground.fake_slack.http_delivery import HttpSender
from slackbot.playground.fake_slack.socket_mode import SocketModeServer
from slackbot.playground.json_types import Json

MAX_RETRIES = 3
"""https://docs.slack.dev/apis/events-api#error-handling - only events are retried."""


Condition = Callable[[Delivery], bool]


class EventFeed:
    """Delivers to the app over Socket Mode or HTTP, and keeps a record of all deliveries."""

    def __init__(
        self, sockets: SocketModeServer, posts: HttpSender, changes: ChangeNotifier
    ) -> None:
        self._sockets = sockets
        self._posts = posts
        self._changes = changes
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        self._hold: tuple[Condition, list[Delivery]] | None = None
        self.deliveries: list[Delivery] = []
        self.ack_timeout = 3.0
        """How many seconds the app has to acknowledge."""
        self.connection_timeout = 30.0
        """How many seconds a delivery waits for a Socket Mode connection."""
        self.latency: Callable[[Delivery], float] = _no_latency
        """How many seconds pass before a delivery is sent; others may overtake it."""
        self.retry_delays: tuple[float, ...] = (0.0, 0.05, 0.1)
        """Seconds before each retry over HTTP; Slack's are 0, 60 and 300."""

    def send(self, kind: DeliveryKind, payload: Json, *, retry: int = 0) -> Delivery:
        """Starts a delivery, which runs until it is acknowledged or given up, or the feed closes.

        If `hold` holds it back, it starts when it is released.
        """
        delivery = Delivery(kind, payload, retry)
        self.deliveries.append(delivery)
        if self._hold is not None and self._hold[0](delivery):
            delivery.held = True
            self._hold[1].append(delivery)
            self._changes.notify()
        else:
            self._start(delivery)
        return delivery

    @asynccontextmanager
    async def hold(self, condition: Condition) -> AsyncIterator[Sequence[Delivery]]:
        """Holds back the deliveries for which `condition` is true; gives the list of them.

        At the end, those not released yet are delivered one after the other.
        """
        outer, held = self._hold, list[Delivery]()
        self._hold = (condition, held)
        try:
            yield held
        finally:
            self._hold = outer
        for delivery in held:
            await self.release(delivery)

    async def release(self, delivery: Delivery) -> None:
        """Delivers a held delivery; returns once it is acknowledged or given up."""
        if delivery.held:
            delivery.held = False
            delivery.started = time.monotonic()
            self._start(delivery)
        await wait_until_settled(delivery)

    async def close(self) -> None:
        """Gives up all deliveries that still run; the connections to the app stay open."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for delivery in self.deliveries:
            delivery.settled.set()

    def _start(self, delivery: Delivery) -> None:
        self._changes.notify()
        if self._closed:
            delivery.settled.set()
        else:
            task = asyncio.create_task(self._deliver(delivery))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _deliver(self, delivery: Delivery) -> None:
        if latency := self.latency(delivery):
            await asyncio.sleep(latency)
        while not await self._attempt(delivery) and delivery.retry < MAX_RETRIES:
            if self._posts.urls:
                await asyncio.sleep(self.retry_delays[delivery.retry])
            delivery.retry += 1
        delivery.settled.set()
        self._changes.notify()

    async def _attempt(self, delivery: Delivery) -> bool:
        """Makes one attempt; returns whether no retry is due."""
        delivery.attempts += 1
        self._changes.notify()
        try:
            if self._posts.urls:
                delivery.response = await self._posts.attempt(delivery, self.ack_timeout)
            else:
                delivery.response = await self._sockets.attempt(
                    delivery, self.connection_timeout, self.ack_timeout
                )
        except UnacknowledgedError as failure:
            delivery.retry_reason = failure.reason
            return failure.final or delivery.kind != "events_api"
        delivery.acknowledged = True
        return True


def _no_latency(_: Delivery) -> float:
    return 0.0


async def wait_until_settled(*deliveries: Delivery) -> None:
    """Returns once each delivery is acknowledged, given up, or held back."""
    for delivery in deliveries:
        if not delivery.held:
            await delivery.settled.wait()

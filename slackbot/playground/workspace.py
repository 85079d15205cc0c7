"""A local Slack workspace: what people do in it, and the server that the app talks to."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

from slackbot.playground import events, hooks, interactions
from slackbot.playground.delivery import Delivery, DeliveryKind
from slackbot.playground.feed import settled
from slackbot.playground.interactions import Hook
from slackbot.playground.limits import Limits, RateLimiter
from slackbot.playground.members import Channel, Person
from slackbot.playground.messages import PostedMessage, elements, state
from slackbot.playground.records import Records
from slackbot.playground.server import Server
from slackbot.playground.web_api import WebApi
from slackbot.playground.wire import Json

T = TypeVar("T")


class Workspace(Records):
    """A workspace with one app installed, served on 127.0.0.1 for as long as it is entered.

    Whatever a person does is told to the app; the methods for it return once the app has
    acknowledged that, or has been given up.
    """

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        latency: float = 0.0,
        events_url: str | None = None,
        mention_first: bool = False,
        mention_gap: float = 0.0,
    ) -> None:
        """`limits` are Slack's rate limits, None for none; a Web API call takes `latency` seconds.

        With `events_url` the app is told over HTTP, else over Socket Mode.
        """
        super().__init__()
        limiter = None if limits is None else RateLimiter(limits, time.monotonic)
        web_api = WebApi(self, limiter, latency)
        self._server = Server(self, web_api)
        self.calls = web_api.calls
        self.faults = web_api.faults
        self.deliveries = self.feed.deliveries
        self.feed.events_url = events_url
        self.mention_first = mention_first
        """Whether `app_mention` comes before the `message` that it is about."""
        self.mention_gap = mention_gap
        """Seconds between the two."""

    async def __aenter__(self) -> Self:
        self.address = await self._server.start()
        self.files.base_url = f"http://{self.address}/"
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.feed.close()
        await self._server.close()

    @property
    def connections(self) -> int:
        """How many Socket Mode connections the app has open."""
        return self.sockets.count

    @property
    def events_url(self) -> str | None:
        """Where the app is told over HTTP; None while it is told over Socket Mode."""
        return self.feed.events_url

    @events_url.setter
    def events_url(self, url: str | None) -> None:
        self.feed.events_url = url

    @property
    def url(self) -> str:
        """The Web API's, as clients want it."""
        return f"http://{self.address}/api/"

    async def say(  # noqa: PLR0913 - what a message consists of
        self,
        person: Person,
        channel: Channel,
        text: str,
        *,
        thread: str | None = None,
        subtype: str | None = None,
        files: Sequence[Mapping[str, Any]] = (),
    ) -> PostedMessage:
        """Posts text in Slack's markup; someone who is not in the channel joins it.

        `thread` is the ts of a thread's first message, `files` are as `share` returns them.
        """
        channel.members.add(person.id)
        message = self.post(
            person,
            channel,
            state(text),
            thread_ts=thread,
            subtype=subtype or ("file_share" if files else None),
            files=[dict(file) for file in files],
        )
        events_due = self._events_of(message, channel)
        deliveries = [self.announce(event) for event in events_due[:1]]
        for event in events_due[1:]:
            await asyncio.sleep(self.mention_gap)
            deliveries.append(self.announce(event))
        await settled(*deliveries)
        return message

    async def edit(self, person: Person, message: PostedMessage, text: str) -> None:
        """Raises PermissionError for someone else's message."""
        if person != message.author:
            raise PermissionError(f"{person.name} did not write that")
        await settled(*self.rewrite(message, state(text), marked_by=person))

    async def delete(self, person: Person, message: PostedMessage) -> None:
        """Raises PermissionError for someone else's message, unless the person is an admin."""
        if person != message.author and not person.admin:
            raise PermissionError(f"{person.name} did not write that")
        await settled(*self.remove(message))

    def share(self, person: Person, name: str, content: bytes, mimetype: str) -> Json:
        """Stores a file and returns it as Slack describes it, to be said with `say`."""
        file = self.files.add(name, person, mimetype)
        file.content = content
        return self.files.json(file)

    async def command(self, person: Person, channel: Channel, command: str, text: str) -> Json:
        """Uses a slash command; returns what came with the acknowledgement, and shows it."""
        payload = interactions.slash_command(person, channel, self.team, command, text)
        payload |= {
            "api_app_id": self.app_id,
            "response_url": self.hook(channel, person),
            "trigger_id": self.views.trigger(person.id),
        }
        response = await self._send("slash_commands", payload)
        if response.get("text") or response.get("blocks"):
            hooks.respond(self, Hook(channel, person), response)
        return response

    async def click(
        self, person: Person, place: PostedMessage | Json, action_id: str, value: str = ""
    ) -> Json:
        """Clicks on something in a message, modal or home tab; "" stands for its own value.

        Returns what came with the acknowledgement. Raises LookupError if there is no such element.
        """
        blocks = place.blocks if isinstance(place, PostedMessage) else place["blocks"]
        for block, element in elements(blocks):
            if element["action_id"] == action_id:
                action = interactions.action(block, element, value, self.mint.ts())
                break
        else:
            raise LookupError(f"nothing to click with action_id {action_id!r}")
        payload = self._interaction("block_actions", person) | {"actions": [action]}
        if isinstance(place, PostedMessage):
            channel = self.channels[place.channel]
            payload |= interactions.on_message(place, channel)
            payload["response_url"] = self.hook(channel, person, place)
        else:
            payload |= interactions.on_view(place)
        return await self._send("interactive", payload)

    async def submit_view(self, person: Person, view: Json, values: interactions.Values) -> Json:
        """Submits the modal that is topmost; returns what came with the acknowledgement.

        Nothing happens to the modal unless the app acknowledges.
        """
        payload = self._interaction("view_submission", person)
        payload |= {"view": interactions.filled_in(view, values), "response_urls": []}
        delivery = self.feed.send("interactive", payload)
        await settled(delivery)
        response = delivery.response or {}
        if delivery.acknowledged:
            self.views.submitted(person.id, response)
            self.changes.tell()
        return response

    async def open_home(self, person: Person, tab: Literal["home", "messages"] = "home") -> None:
        """https://docs.slack.dev/reference/events/app_home_opened"""
        event: Json = {
            "type": "app_home_opened",
            "user": person.id,
            "channel": self.direct_message(person).id,
            "tab": tab,
            "event_ts": self.mint.ts(),
        }
        if tab == "home" and person.id in self.views.homes:
            event["view"] = self.views.homes[person.id]
        await self.deliver(event)

    async def deliver(self, event: Mapping[str, Any], **envelope: Any) -> Delivery:
        """Sends the app any event; `envelope` replaces fields around it."""
        delivery = self.announce(dict(event), **envelope)
        await settled(delivery)
        return delivery

    async def redeliver(self, delivery: Delivery) -> Delivery:
        """Sends the same once more, as Slack does when it missed the acknowledgement."""
        again = self.feed.send(delivery.kind, delivery.payload, retry=1)
        await settled(again)
        return again

    async def disconnect_sockets(self, reason: str | None = "refresh_requested") -> None:
        """Ends all Socket Mode connections: after a `disconnect` frame, or abruptly with None."""
        await self.sockets.disconnect(reason)

    async def until(
        self,
        condition: Callable[[], T],
        timeout: float = 10.0,  # noqa: ASYNC109 - part of what the error says
    ) -> T:
        """What `condition()` returns as soon as it is truthy, looked at after every change.

        Raises TimeoutError after `timeout` seconds, with what has happened so far.
        """
        try:
            async with asyncio.timeout(timeout):
                return await self.changes.until(condition)
        except TimeoutError:
            raise TimeoutError(f"not so after {timeout:g} s\n{self.summary()}") from None

    def summary(self) -> str:
        """The present state in a few lines, for whoever has to find out what went wrong."""
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

    def _events_of(self, message: PostedMessage, channel: Channel) -> list[Json]:
        """What the app is to hear of a person's message; a mention also from outside."""
        told = []
        if self.bot.id in channel.members:
            told.append(events.posted(message, channel))
        may_mention = channel.kind == "channel" or (told and channel.kind != "im")
        if self.bot.mention in message.text and may_mention and not message.author.bot_id:
            told.append(events.mentioned(message, channel))
        return told[::-1] if self.mention_first else told

    def _interaction(self, kind: str, person: Person) -> Json:
        payload = interactions.interaction(kind, person, self.team, self.app_id)
        return payload | {"trigger_id": self.views.trigger(person.id)}

    async def _send(self, kind: DeliveryKind, payload: Json) -> Json:
        delivery = self.feed.send(kind, payload)
        await settled(delivery)
        return delivery.response or {}

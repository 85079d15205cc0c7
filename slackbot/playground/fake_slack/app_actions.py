"""What people do with the app: commands, clicks, modals, the stop button, uninstalling it."""

from collections.abc import Sequence
from typing import Any, Literal

from slackbot.playground.fake_slack import installation_events, interaction_payloads, response_urls
from slackbot.playground.fake_slack.delivery import Delivery, DeliveryKind
from slackbot.playground.fake_slack.event_feed import wait_until_settled
from slackbot.playground.fake_slack.interaction_payloads import ResponseTarget
from slackbot.playground.fake_slack.members import Channel, Person
from slackbot.playground.fake_slack.messages import PostedMessage, elements
from slackbot.playground.fake_slack.records import WorkspaceRecords
from slackbot.playground.json_types import Json

TokenError = Literal["account_inactive", "token_revoked"]


class AppActions(WorkspaceRecords):
    """Each method returns once the app has acknowledged the action, or Slack has given up.

    Commands and interactions return the body of the acknowledgement.
    """

    async def command(self, person: Person, channel: Channel, command: str, text: str) -> Json:
        """Runs a slash command and shows the person the body of the acknowledgement."""
        return (await self.deliver_command(person, channel, command, text)).response or {}

    async def deliver_command(
        self, person: Person, channel: Channel, command: str, text: str
    ) -> Delivery:
        """Runs a slash command and returns its delivery."""
        payload = interaction_payloads.slash_command(person, channel, self, command, text)
        payload |= {
            "api_app_id": self.app_id,
            "response_url": self.response_url(channel, person),
            "trigger_id": self.views.trigger(person.id),
        }
        delivery = await self._settled("slash_commands", payload)
        response = delivery.response or {}
        if response.get("text") or response.get("blocks"):
            response_urls.respond(self, ResponseTarget(channel, person), response)
        return delivery

    async def click(
        self,
        person: Person,
        place: PostedMessage | Json,
        action_id: str,
        value: str = "",
        *,
        block_id: str = "",
        filled: interaction_payloads.InputValues | None = None,
    ) -> Json:
        """Clicks on an element of a message, modal or home tab.

        An empty `value` means the element's own, an empty `block_id` the first block with such an
        element. `filled` holds the other inputs of a modal.

        Raises LookupError if there is no such element or value.
        """
        blocks = place.blocks if isinstance(place, PostedMessage) else place["blocks"]
        block, element = _find(blocks, action_id, block_id)
        action = interaction_payloads.action(block, element, value, self.ids.ts())
        if isinstance(place, PostedMessage):
            where = self._on_message(person, place)
        else:
            where = interaction_payloads.on_view(place, filled or {})
        return await self._act(person, where | {"actions": [action]})

    async def suggestions(
        self, person: Person, view: Json, action_id: str, query: str = ""
    ) -> list[Json]:
        """Types into a select menu whose options come from the app; returns the options."""
        block, element = _find(view["blocks"], action_id)
        payload = self._interaction("block_suggestion", person)
        payload |= interaction_payloads.on_view(view, {})
        payload |= interaction_payloads.suggestion(block, element, query)
        answer = await self._send("interactive", payload)
        options: list[Json] = answer.get("options", [])
        return options

    async def forge_click(
        self,
        person: Person,
        message: PostedMessage,
        action_id: Any,
        value: Any = "",
        /,
        **changes: Any,
    ) -> Json:
        """Forges a click on a button that the message may not have.

        `changes` replace whole fields of the payload, such as `container`, `message` or `actions`.
        """
        button = {"type": "button", "action_id": action_id, "block_id": "", "value": value}
        action = {**button, "action_ts": self.ids.ts()}
        return await self._act(
            person, {**self._on_message(person, message), "actions": [action], **changes}
        )

    async def submit_view(
        self, person: Person, view: Json, values: interaction_payloads.InputValues
    ) -> Json:
        """Submits the topmost modal, and returns the app's response.

        The modal stays as it is unless the app acknowledges.
        """
        return (await self.deliver_submission(person, view, values)).response or {}

    async def deliver_submission(
        self, person: Person, view: Json, values: interaction_payloads.InputValues
    ) -> Delivery:
        """Submits the topmost modal, and returns the delivery."""
        payload = self._interaction("view_submission", person)
        payload |= {"view": interaction_payloads.filled_in(view, values), "response_urls": []}
        delivery = await self._settled("interactive", payload)
        if delivery.acknowledged:
            self.views.submitted(person.id, view, delivery.response or {})
            self.changes.notify()
        return delivery

    async def open_home(self, person: Person, tab: Literal["home", "messages"] = "home") -> None:
        """https://docs.slack.dev/reference/events/app_home_opened"""
        event: Json = {
            "type": "app_home_opened",
            "user": person.id,
            "channel": self.direct_message(person).id,
            "tab": tab,
            "event_ts": self.ids.ts(),
        }
        if tab == "home" and person.id in self.views.homes:
            event["view"] = self.views.homes[person.id]
        if self.has_app:
            await wait_until_settled(self.send_event(event))

    async def stop(self, person: Person, channel: Channel, thread_ts: str) -> None:
        """Presses Slack's own stop button, which ends the native streams in a thread.

        The status of the agent session stays: the app has to change it. Raises LookupError unless
        it is `processing`, as there is no button then.
        https://docs.slack.dev/reference/events/agent_session_stopped
        """
        if self.sessions.get((channel.id, thread_ts)) != "processing":
            raise LookupError("there is no stop button: the agent session is not processing")
        stopped = [each for each in self.thread(channel, thread_ts) if self.streams.is_open(each)]
        for message in stopped:
            self.streams.stop_by_user(message)
        event = {
            "type": "agent_session_stopped",
            "user": person.id,
            "channel": channel.id,
            "thread_ts": thread_ts,
            "streaming_message_ts": [message.ts for message in stopped],
            "event_ts": self.ids.ts(),
        }
        await wait_until_settled(*self.send_channel_event(channel, event))

    async def uninstall(self, error: TokenError = "account_inactive") -> None:
        """Uninstalls the app, from the whole organisation if it is installed there.

        Refuses the bot's token, then sends the two events, whose order is not defined.
        """
        assert self.installation is not None  # noqa: S101 - there must be something to uninstall
        await wait_until_settled(
            *installation_events.uninstall(self.platform, self.installation, error)
        )

    def _on_message(self, person: Person, message: PostedMessage) -> Json:
        """Describes the clicked message, with a response URL."""
        channel = self.channels[message.channel]
        where = interaction_payloads.on_message(message, channel)
        return where | {"response_url": self.response_url(channel, person, message)}

    async def _act(self, person: Person, what: Json) -> Json:
        payload = self._interaction("block_actions", person)
        return await self._send("interactive", payload | what)

    def _interaction(self, kind: str, person: Person) -> Json:
        payload = interaction_payloads.interaction(kind, person, self, self.app_id)
        return payload | {"trigger_id": self.views.trigger(person.id)}

    async def _send(self, kind: DeliveryKind, payload: Json) -> Json:
        return (await self._settled(kind, payload)).response or {}

    async def _settled(self, kind: DeliveryKind, payload: Json) -> Delivery:
        delivery = self.feed.send(kind, payload)
        await wait_until_settled(delivery)
        return delivery


def _find(blocks: Sequence[Json], action_id: str, block_id: str = "") -> tuple[Json, Json]:
    """Returns the first element with this action_id, and its block."""
    for block, element in elements(blocks):
        if element["action_id"] == action_id and block_id in ("", block.get("block_id")):
            return block, element
    raise LookupError(f"nothing to click with action_id {action_id!r}")

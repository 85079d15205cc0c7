"""What people do with blocks: choose, fill in, look up options, submit and close."""

from slackbot.playground.fake_slack import interaction_payloads
from slackbot.playground.fake_slack.app_actions import AppActions
from slackbot.playground.fake_slack.delivery import Delivery
from slackbot.playground.fake_slack.ephemerals import Ephemeral
from slackbot.playground.fake_slack.event_feed import wait_until_settled
from slackbot.playground.fake_slack.members import Person
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.json_types import Json

BlockContainer = PostedMessage | Ephemeral | Json
"""What contains a block: a message, an ephemeral message, or a view."""


class BlockActions(AppActions):
    """Each method returns once the app has acknowledged the action, or Slack has given up."""

    async def use_element(
        self, person: Person, container: BlockContainer, action: Json, state: Json
    ) -> Delivery:
        """Uses an element. `action` is Slack's description of it: `block_id`, `action_id`, `type`
        and the choice. `state` holds the values of the other inputs, by block and action id.
        """
        payload = self._interaction("block_actions", person) | self._location(
            person, container, state
        )
        payload["actions"] = [{**action, "action_ts": self.ids.ts()}]
        if not isinstance(container, dict):
            payload["state"] = {"values": state}
        return await self._settled("interactive", payload)

    async def load_options(
        self, person: Person, container: BlockContainer, action: Json, value: str
    ) -> Json:
        """Asks the app for the options of an external select that match the typed text.

        https://docs.slack.dev/reference/interaction-payloads/block_suggestion-payload
        """
        payload = self._interaction("block_suggestion", person) | self._location(
            person, container, {}
        )
        payload |= {"action_id": action["action_id"], "block_id": action["block_id"]}
        delivery = await self._settled("interactive", {**payload, "value": value})
        return delivery.response or {}

    async def close(self, person: Person, view: Json) -> None:
        """Closes the topmost modal; tells the app if the view says `notify_on_close`.

        https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload#view_closed
        """
        self.views.closed(person.id, view)
        self.changes.notify()
        if view["notify_on_close"]:
            payload = self._interaction("view_closed", person)
            await wait_until_settled(
                self.feed.send("interactive", {**payload, "view": view, "is_cleared": False})
            )

    def _location(self, person: Person, container: BlockContainer, state: Json) -> Json:
        if isinstance(container, PostedMessage):
            return self._on_message(person, container)
        if isinstance(container, Ephemeral):
            channel = self.channels[container.channel]
            location = interaction_payloads.on_ephemeral(container, channel)
            return location | {"response_url": self.response_url(channel, person)}
        return interaction_payloads.on_view(container, state)

"""An action that a person takes on the page, parsed from the JSON of its request."""

from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any

from slackbot.playground.bot_process import BotProcess
from slackbot.playground.fake_slack.block_actions import BlockContainer
from slackbot.playground.fake_slack.members import Channel, Person
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.json_types import Json
from slackbot.playground.page.block_html import without_html
from slackbot.playground.page.typed_markup import to_markup
from slackbot.playground.playground import Playground

CHOICE_FIELDS = (
    *("value", "selected_option", "selected_options", "selected_user", "selected_users"),
    *("selected_conversation", "selected_conversations", "selected_channel", "selected_channels"),
    *("selected_date", "selected_time", "text"),
)
"""The fields of a choice: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload"""


class ActionError(Exception):
    """The action is not possible; the message tells the person why."""


class ActionRequest:
    """The JSON of an action. Missing or invalid fields raise ActionError."""

    def __init__(self, playground: Playground, fields: Any) -> None:
        if not isinstance(fields, Mapping):
            raise ActionError("Send a JSON object.")
        self.playground = playground
        self.workspace = playground.workspace
        self._fields = fields

    def text(self, name: str) -> str:
        value = self._fields.get(name, "")
        if not isinstance(value, str):
            raise ActionError(f"{name} must be text.")
        return value

    def number(self, name: str) -> float:
        value = self._fields.get(name)
        if not isinstance(value, int | float) or not isfinite(value):
            raise ActionError(f"{name} must be a number.")
        return float(value)

    def fields(self, name: str) -> Json:
        value = self._fields.get(name)
        if not isinstance(value, dict):
            raise ActionError(f"{name} must be an object.")
        return dict(value)

    @property
    def bot(self) -> BotProcess:
        """The only bot, or one of the replicas."""
        bots = self.playground.bots
        number = 1 if len(bots) == 1 else self.number("replica")
        if number not in range(1, len(bots) + 1):
            raise ActionError("There is no such replica.")
        return bots[int(number) - 1]

    @property
    def person(self) -> Person:
        person = self.workspace.people.get(self.text("person"))
        if person is None or person.bot_id:
            raise ActionError("There is no such person.")
        return person

    @property
    def channel(self) -> Channel:
        channel = self.workspace.channels.get(self.text("channel"))
        if channel is None or not may_see(self.person, channel):
            raise ActionError("You can't see that channel.")
        return channel

    @property
    def message(self) -> PostedMessage:
        message = self.workspace.messages.get((self.channel.id, self.text("ts")))
        if message is None or message.deleted:
            raise ActionError("That message was deleted.")
        return message

    @property
    def markup(self) -> str:
        """The typed text as Slack's markup."""
        workspace = self.workspace
        return to_markup(self.text("text"), workspace.people.values(), workspace.channels.values())

    @property
    def view(self) -> Json:
        """The person's topmost modal or home tab."""
        views, user = self.workspace.views, self.person.id
        home = [views.homes[user]] if user in views.homes else []
        seen: list[Json] = [*views.modals.get(user, ())[-1:], *home]
        for view in seen:
            if view["id"] == self.text("view"):
                return view
        raise ActionError("That view is closed.")

    @property
    def container(self) -> BlockContainer:
        if self.text("view"):
            return self.view
        for shown in self.workspace.ephemerals:
            if (shown.channel, shown.ts) == (self.channel.id, self.text("ts")):
                return shown
        return self.message

    @property
    def action(self) -> Json:
        """What was done with an element: its ids, its type, and the choice."""
        action = {name: self.text(name) for name in ("block_id", "action_id", "type")}
        chosen = without_html(self.fields("chosen"))
        return action | {name: chosen[name] for name in CHOICE_FIELDS if name in chosen}

    @property
    def state(self) -> Json:
        """The values of the inputs in a view."""
        values: Json = without_html(self.fields("state"))
        for actions in values.values():
            for value in actions.values():
                if value.get("type") == "file_input":
                    value["files"] = self._files(value.get("files") or [])
        return values

    @property
    def files(self) -> list[Json]:
        """The uploaded files to share with a message."""
        return self._files(self.fields("files").get("ids") or [])

    def _files(self, ids: Iterable[Any]) -> list[Json]:
        files = self.workspace.files
        return [files.json(files.find(str(each))) for each in ids]


def may_see(person: Person, channel: Channel) -> bool:
    """Whether a person sees a channel. Guests and outsiders see only the channels they are in."""
    outsider = person.restricted or person.stranger
    return person.id in channel.members or (channel.kind == "channel" and not outsider)

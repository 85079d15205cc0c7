"""What somebody at the page wants, read from the JSON that came with it."""

from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any

from slackbot.playground.fake_slack.block_actions import BlockContainer
from slackbot.playground.fake_slack.members import Channel, Person
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.page.block_html import without_html
from slackbot.playground.page.typed_markup import to_markup
from slackbot.playground.playground import Playground
from slackbot.playground.wire import Json

CHOSEN = (
    *("value", "selected_option", "selected_options", "selected_user", "selected_users"),
    *("selected_conversation", "selected_conversations", "selected_channel", "selected_channels"),
    *("selected_date", "selected_time", "text"),
)
"""What an action may say: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload"""


class ActionError(Exception):
    """What somebody wants is not possible; the sentence says why."""


class ActionRequest:
    """The JSON of an act. What is missing or makes no sense raises ActionError."""

    def __init__(self, playground: Playground, fields: Any) -> None:
        if not isinstance(fields, Mapping):
            raise ActionError("That is no JSON object.")
        self.playground = playground
        self.workspace = playground.workspace
        self._fields = fields

    def text(self, name: str) -> str:
        value = self._fields.get(name, "")
        if not isinstance(value, str):
            raise ActionError(f"{name} is no text.")
        return value

    def number(self, name: str) -> float:
        value = self._fields.get(name)
        if not isinstance(value, int | float) or not isfinite(value):
            raise ActionError(f"{name} is no number.")
        return float(value)

    def fields(self, name: str) -> Json:
        value = self._fields.get(name)
        if not isinstance(value, dict):
            raise ActionError(f"{name} holds no fields.")
        return dict(value)

    @property
    def person(self) -> Person:
        person = self.workspace.people.get(self.text("person"))
        if person is None or person.bot_id:
            raise ActionError("There is nobody of that name.")
        return person

    @property
    def channel(self) -> Channel:
        channel = self.workspace.channels.get(self.text("channel"))
        if channel is None or not may_see(self.person, channel):
            raise ActionError("There is no such channel for you.")
        return channel

    @property
    def message(self) -> PostedMessage:
        message = self.workspace.messages.get((self.channel.id, self.text("ts")))
        if message is None or message.deleted:
            raise ActionError("That message is gone.")
        return message

    @property
    def markup(self) -> str:
        """The text that was typed, as Slack's markup."""
        workspace = self.workspace
        return to_markup(self.text("text"), workspace.people.values(), workspace.channels.values())

    @property
    def view(self) -> Json:
        """The modal on top, or the home tab, that the person sees."""
        views, user = self.workspace.views, self.person.id
        home = [views.homes[user]] if user in views.homes else []
        seen: list[Json] = [*views.modals.get(user, ())[-1:], *home]
        for view in seen:
            if view["id"] == self.text("view"):
                return view
        raise ActionError("That view is closed.")

    @property
    def place(self) -> BlockContainer:
        if self.text("view"):
            return self.view
        for shown in self.workspace.ephemerals:
            if (shown.channel, shown.ts) == (self.channel.id, self.text("ts")):
                return shown
        return self.message

    @property
    def action(self) -> Json:
        """What was done with an element: its ids and type, and what was chosen."""
        action = {name: self.text(name) for name in ("block_id", "action_id", "type")}
        chosen = without_html(self.fields("chosen"))
        return action | {name: chosen[name] for name in CHOSEN if name in chosen}

    @property
    def state(self) -> Json:
        """What the inputs of a view hold."""
        values: Json = without_html(self.fields("state"))
        for actions in values.values():
            for value in actions.values():
                if value.get("type") == "file_input":
                    value["files"] = self._files(value.get("files") or [])
        return values

    @property
    def files(self) -> list[Json]:
        """The files that go with a message, as they were uploaded before."""
        return self._files(self.fields("files").get("ids") or [])

    def _files(self, ids: Iterable[Any]) -> list[Json]:
        files = self.workspace.files
        return [files.json(files.find(str(each))) for each in ids]


def may_see(person: Person, channel: Channel) -> bool:
    """Guests and people of other organisations see only where they are members."""
    outsider = person.restricted or person.stranger
    return person.id in channel.members or (channel.kind == "channel" and not outsider)

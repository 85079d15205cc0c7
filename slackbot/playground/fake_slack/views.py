"""Modals and home tabs: https://docs.slack.dev/surfaces/modals"""

import time
from collections.abc import Mapping
from typing import Any

from slackbot.playground.fake_slack.ids import IdGenerator
from slackbot.playground.fake_slack.members import Person
from slackbot.playground.fake_slack.message_checks import check_view
from slackbot.playground.wire import Json, RefusedError

STACK_SIZE = 3
"""https://docs.slack.dev/surfaces/modals#view-stack"""


class Views:
    """Who sees which modals and which home tab. People are named by their ids.

    What is refused raises RefusedError.
    """

    def __init__(self, ids: IdGenerator, bot: Person) -> None:
        self._ids = ids
        self._bot = bot
        self._triggers: dict[str, tuple[str, float]] = {}
        self.trigger_lifetime = 3.0
        """Seconds for which a trigger can be exchanged for a modal."""
        self.homes: dict[str, Json] = {}
        """The home tab that each person sees."""
        self.modals: dict[str, list[Json]] = {}
        """The modals that each person sees, the topmost last."""
        self.history: list[Json] = []
        """Every view ever opened, pushed, updated or published, as it was then."""

    def trigger(self, user: str) -> str:
        """A new trigger, from something that this person has done."""
        trigger_id = self._ids.secret()
        self._triggers[trigger_id] = (user, time.monotonic())
        return trigger_id

    def exchange(self, trigger_id: str) -> str:
        """The person behind a trigger, which is spent by this."""
        user, since = self._triggers.pop(trigger_id, ("", 0.0))
        if not user:
            raise RefusedError("exchanged_trigger_id")
        if time.monotonic() - since >= self.trigger_lifetime:
            raise RefusedError("expired_trigger_id")
        return user

    def open(self, user: str, content: Mapping[str, Any]) -> Json:
        view = self._whole(content)
        self.modals[user] = [view]
        return view

    def push(self, user: str, content: Mapping[str, Any]) -> Json:
        """Onto the modals that are open."""
        stack = self.modals.get(user, [])
        if not stack:
            raise RefusedError("not_found")
        if len(stack) >= STACK_SIZE:
            raise RefusedError("push_limit_reached")
        view = self._whole(content, root=stack[0]["id"], previous=stack[-1]["id"])
        stack.append(view)
        return view

    def publish(self, user: str, content: Mapping[str, Any]) -> Json:
        """The person's home tab keeps its id: a click on what it showed a moment ago counts.

        https://docs.slack.dev/reference/methods/views.publish
        """
        if user in self.homes:
            return self.update(self.homes[user], content)
        self.homes[user] = self._whole(content)
        return self.homes[user]

    def update(self, view: Json, content: Mapping[str, Any]) -> Json:
        """Gives a view on show new content; it keeps its id and its place."""
        place = ("id", "root_view_id", "previous_view_id")
        view.update({**self._whole(content), **{key: view[key] for key in place}})
        return view

    def find(self, key: str, value: str) -> Json:
        """The view on show whose `id` or `external_id` this is."""
        on_show = [
            *self.homes.values(),
            *(view for stack in self.modals.values() for view in stack),
        ]
        for view in on_show:
            if value and view[key] == value:
                return view
        raise RefusedError("not_found")

    def submitted(self, user: str, view: Json, response: Mapping[str, Any]) -> None:
        """What the app's answer to a submission does to the person's modals: nothing, if another
        one is on top by then, or none.

        https://docs.slack.dev/surfaces/modals#updating_response
        """
        stack = self.modals.get(user, [])
        if not stack or stack[-1]["id"] != view["id"]:
            return
        match response.get("response_action"):
            case "errors":
                return
            case "update":
                self.update(stack[-1], response["view"])
            case "push":
                self.push(user, response["view"])
            case "clear":
                stack.clear()
            case _:
                stack.pop()

    def closed(self, user: str, view: Json) -> None:
        """The person has closed a modal; all of them go if it says `clear_on_close`."""
        stack = self.modals.get(user, [])
        if view["clear_on_close"]:
            stack.clear()
        elif view in stack:
            del stack[stack.index(view) :]

    def _whole(self, content: Mapping[str, Any], *, root: str = "", previous: str = "") -> Json:
        """A view with all of its fields, and on record."""
        check_view(content)
        view_id = self._ids.id("V")
        view: Json = {
            "title": None,
            "submit": None,
            "close": None,
            "private_metadata": "",
            "callback_id": "",
            "external_id": "",
            "clear_on_close": False,
            "notify_on_close": False,
            **content,
            "blocks": [
                {"block_id": self._ids.secret(size=3), **each} for each in content["blocks"]
            ],
            "id": view_id,
            "team_id": self._bot.team_id,
            "app_id": self._bot.app_id,
            "app_installed_team_id": self._bot.team_id,
            "bot_id": self._bot.bot_id,
            "state": {"values": {}},
            "hash": self._ids.secret(),
            "root_view_id": root or view_id,
            "previous_view_id": previous or None,
        }
        self.history.append(view.copy())
        return view

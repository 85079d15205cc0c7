"""Modals and home tabs: https://docs.slack.dev/surfaces/modals"""

import time
from collections.abc import Mapping
from typing import Any

from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.ids import IdGenerator
from slackbot.playground.fake_slack.members import Person
from slackbot.playground.fake_slack.message_checks import check_view
from slackbot.playground.json_types import Json

MAX_STACKED_VIEWS = 3
"""https://docs.slack.dev/surfaces/modals#view-stack"""


class Views:
    """The modals and home tabs that people see, by user id.

    Refused views raise RefusedError.
    """

    def __init__(self, ids: IdGenerator, bot: Person) -> None:
        self._ids = ids
        self._bot = bot
        self._triggers: dict[str, tuple[str, float]] = {}
        self.trigger_lifetime = 3.0
        """Seconds for which a trigger can open a modal."""
        self.homes: dict[str, Json] = {}
        """Each person's home tab."""
        self.modals: dict[str, list[Json]] = {}
        """Each person's open modals, the topmost last."""
        self.history: list[Json] = []
        """Every view that was opened, pushed, updated or published, as it was then."""

    def trigger(self, user: str) -> str:
        """Returns a new trigger for something that this person did."""
        trigger_id = self._ids.secret()
        self._triggers[trigger_id] = (user, time.monotonic())
        return trigger_id

    def exchange(self, trigger_id: str) -> str:
        """Uses up a trigger and returns its person."""
        user, since = self._triggers.pop(trigger_id, ("", 0.0))
        if not user:
            raise RefusedError("exchanged_trigger_id")
        if time.monotonic() - since >= self.trigger_lifetime:
            raise RefusedError("expired_trigger_id")
        return user

    def open(self, user: str, content: Mapping[str, Any]) -> Json:
        view = self._complete(content)
        self.modals[user] = [view]
        return view

    def push(self, user: str, content: Mapping[str, Any]) -> Json:
        """Pushes a modal onto the open ones."""
        stack = self.modals.get(user, [])
        if not stack:
            raise RefusedError("not_found")
        if len(stack) >= MAX_STACKED_VIEWS:
            raise RefusedError("push_limit_reached")
        view = self._complete(content, root=stack[0]["id"], previous=stack[-1]["id"])
        stack.append(view)
        return view

    def publish(self, user: str, content: Mapping[str, Any]) -> Json:
        """Publishes a home tab. It keeps its id, so that a click on its previous content counts.

        https://docs.slack.dev/reference/methods/views.publish
        """
        if user in self.homes:
            return self.update(self.homes[user], content)
        self.homes[user] = self._complete(content)
        return self.homes[user]

    def update(self, view: Json, content: Mapping[str, Any]) -> Json:
        """Replaces the content of an open view; its id and position stay the same."""
        place = ("id", "root_view_id", "previous_view_id")
        view.update({**self._complete(content), **{key: view[key] for key in place}})
        return view

    def find(self, key: str, value: str) -> Json:
        """Returns the open view with this `id` or `external_id`."""
        on_show = [
            *self.homes.values(),
            *(view for stack in self.modals.values() for view in stack),
        ]
        for view in on_show:
            if value and view[key] == value:
                return view
        raise RefusedError("not_found")

    def owns(self, identifier: str) -> bool:
        """Whether this is the id of an open view, or a trigger that was not used yet."""
        ids = {view["id"] for view in self.homes.values()}
        ids |= {view["id"] for stack in self.modals.values() for view in stack}
        return identifier in ids or identifier in self._triggers

    def submitted(self, user: str, view: Json, response: Mapping[str, Any]) -> None:
        """Applies the app's answer to a submission, unless another modal is on top by then.

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
        """Closes a modal, or all of them if it says `clear_on_close`."""
        stack = self.modals.get(user, [])
        if view["clear_on_close"]:
            stack.clear()
        elif view in stack:
            del stack[stack.index(view) :]

    def _complete(self, content: Mapping[str, Any], *, root: str = "", previous: str = "") -> Json:
        """Returns a view with all its fields, and records it."""
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

"""Bounds how often one person can make the bot ask Slack something by commands and buttons.

Each of them costs calls, at least one for the person's role, and Slack's limits are the whole
workspace's. Questions are bounded elsewhere, and Stop always counts.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from cachetools import LRUCache

from slackbot.conversation.ids import UserId
from slackbot.delivery.rate_budget import RateBudget
from slackbot.slack.buttons import STOP
from slackbot.slack.json_fields import object_in, objects_in, text_in

ACTIONS_PER_MINUTE = 30
"""More than anybody does by hand, and less than a third of what Slack allows of users.info."""

MAX_PEOPLE = 10_000


class PersonBudgets:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._budgets: LRUCache[UserId, RateBudget] = LRUCache(MAX_PEOPLE)

    def take(self, body: Mapping[str, Any]) -> bool:
        """Counts what a person did. False if it is too much for one person in a minute."""
        user = _counted_person(body)
        if not user:
            return True
        now = self._clock()
        budget = self._budgets.setdefault(user, RateBudget(ACTIONS_PER_MINUTE))
        if budget.room(now) < 1:
            return False
        budget.begin(now)
        budget.end(now)
        return True


def _counted_person(body: Mapping[str, Any]) -> UserId:
    """Who used a command, pressed a button or opened the Home tab; empty for anything else."""
    if "command" in body:
        return UserId(text_in(body, "user_id"))
    event = object_in(body, "event")
    if text_in(event, "type") == "app_home_opened":
        return UserId(text_in(event, "user"))
    pressed = {text_in(each, "action_id") for each in objects_in(body, "actions")}
    if text_in(body, "type") == "block_actions" and STOP not in pressed:
        return UserId(text_in(object_in(body, "user"), "id"))
    return UserId("")

"""How often one person may use commands and buttons."""

from collections.abc import Mapping
from typing import Any

import pytest

from slackbot.slack.buttons import PREFIX
from slackbot.slack.person_budget import ACTIONS_PER_MINUTE, PersonBudgets

Body = Mapping[str, Any]


def press(button: str, user: str = "U1") -> Body:
    actions = [{"action_id": f"{PREFIX}{button}"}]
    return {"type": "block_actions", "actions": actions, "user": {"id": user}}


COMMAND = {"command": "/instructions", "user_id": "U1"}
HOME = {"event": {"type": "app_home_opened", "user": "U1"}}
MESSAGE = {"event": {"type": "message", "user": "U1"}}
FORM = {"type": "view_submission", "view": {}, "user": {"id": "U1"}}


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def taken(budgets: PersonBudgets, body: Body) -> int:
    return sum(budgets.take(body) for _ in range(2 * ACTIONS_PER_MINUTE))


@pytest.mark.parametrize("body", [press("again"), COMMAND, HOME], ids=["press", "command", "home"])
def test_a_person_has_so_many_in_a_minute(body: Body) -> None:
    """All kinds count together, each person's by itself, and a minute later they count again."""
    clock = Clock()
    budgets = PersonBudgets(clock)
    assert taken(budgets, body) == ACTIONS_PER_MINUTE
    assert not budgets.take(press("again"))
    assert budgets.take(press("again", "U2"))
    clock.now = 61.0
    assert budgets.take(body)


@pytest.mark.parametrize("body", [press("stop"), MESSAGE, FORM], ids=["stop", "message", "form"])
def test_what_always_counts(body: Body) -> None:
    """Nobody is kept from stopping an answer, and what somebody has written is never lost."""
    assert taken(PersonBudgets(Clock()), body) == 2 * ACTIONS_PER_MINUTE

"""The plans of both modes at one moment."""

import pytest

from slackbot.delivery.step_plan import ExpectedReplies, StepPlan
from slackbot.delivery.step_plans import StepPlans
from slackbot.delivery.streaming_mode import BEST, EDITS


def plan(calls: float, *remaining: float) -> StepPlan:
    """With one reply usually written at a time."""
    return StepPlan(
        calls=calls,
        returns=[],
        remaining=remaining,
        waited=0.0,
        expected=ExpectedReplies(1.0, []),
    )


def test_expected_replies_go_where_there_are_more_calls() -> None:
    """With nobody writing, both modes get the same step: twice the calls, twice the replies."""
    plans = StepPlans(0.0, {"edit": plan(50), "native": plan(100)}, BEST)
    assert plans.step("edit") == pytest.approx(plans.step("native"), rel=0.05)


def test_nothing_is_expected_where_no_reply_can_begin() -> None:
    """While no stream can begin, all replies to come are expected as edits."""
    plans = StepPlans(0.0, {"edit": plan(50), "native": plan(100)}, EDITS)
    assert plans.step("native") == 0.0
    assert plans.step("edit") == 60.0 / 50


def test_one_more_reply_lengthens_the_steps_of_its_mode() -> None:
    """A reply that would join a mode makes its steps longer."""
    plans = StepPlans(0.0, {"edit": plan(50, 30.0), "native": plan(100)}, BEST)
    assert plans.step("edit", joining=30.0) > plans.step("edit")


def test_one_more_reply_moves_others_to_the_other_mode() -> None:
    """A reply that would join a mode leaves room there for fewer of those that are expected."""
    plans = StepPlans(0.0, {"edit": plan(50), "native": plan(50)}, BEST)
    assert plans.step("edit", joining=30.0) == pytest.approx((30.0 + 60.0 * 0.25) / 50, rel=0.03)

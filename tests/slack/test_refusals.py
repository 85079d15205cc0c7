"""Which error codes of Slack are final."""

import pytest

from slackbot.playground.fake_slack.methods import METHODS
from slackbot.slack.method_budgets import CALLS_PER_MINUTE, PACED_ELSEWHERE
from slackbot.slack.refusals import (
    FINAL_CODES,
    FINAL_CODES_BY_METHOD,
    OUTAGE_CODES,
    RATE_LIMIT_CODES,
    REVOKED_TOKEN_CODES,
    is_final,
)

PASSING_CODES = OUTAGE_CODES | RATE_LIMIT_CODES


def test_a_code_means_one_thing() -> None:
    """No code is both final and passing, and none both a revoked token and another refusal."""
    final = FINAL_CODES.union(*FINAL_CODES_BY_METHOD.values())
    assert final.isdisjoint(PASSING_CODES)
    assert REVOKED_TOKEN_CODES.isdisjoint(final | PASSING_CODES)


@pytest.mark.parametrize("method", sorted(METHODS))
def test_a_revoked_token_is_final_everywhere(method: str) -> None:
    """So are a scope that is missing, and a method that Slack does not have."""
    codes = {*REVOKED_TOKEN_CODES, "missing_scope", "unknown_method"}
    assert all(is_final(method, code) for code in codes)
    assert not any(is_final(method, code) for code in {*PASSING_CODES, "some_new_error", ""})


@pytest.mark.parametrize("method", sorted({*CALLS_PER_MINUTE, *PACED_ELSEWHERE}))
def test_each_method_that_the_bot_calls_has_its_final_codes(method: str) -> None:
    """What is gone stays gone: calling again would not find it."""
    gone = ("channel_not_found", "user_not_found", "plan_upgrade_required")
    assert any(is_final(method, code) for code in gone)


def test_a_code_is_final_for_its_method_alone() -> None:
    """A thread that is gone says nothing about a form, and a form nothing about a person."""
    assert is_final("chat.update", "message_not_found")
    assert not is_final("views.open", "message_not_found")
    assert not is_final("users.info", "expired_trigger_id")

"""The calls of edits and of streams."""

from typing import get_args

from slackbot.delivery.call_budgets import Method
from slackbot.delivery.streaming_mode import (
    BEST,
    ENDING_CALLS,
    INTERIM_CALLS,
    OPENING_CALLS,
    mode_of,
)


def test_each_call_belongs_to_one_mode() -> None:
    """The mode of a call is the one that makes it; only a deletion has none."""
    for mode in BEST:
        for calls in (OPENING_CALLS, INTERIM_CALLS, ENDING_CALLS):
            assert mode_of(calls[mode]) == mode
    assert [each for each in get_args(Method) if mode_of(each) is None] == ["chat.delete"]

"""Where a feature is refused, on a virtual clock."""

from hypothesis import given
from hypothesis import strategies as st

from slackbot.conversation.ids import ChannelId
from slackbot.delivery.feature_refusals import (
    PASSING_CODES,
    WORKSPACE_CODES,
    FeatureRefusals,
)
from slackbot.expiring_set import REMEMBERED_SECONDS

CHANNELS = tuple(ChannelId(name) for name in ("C1", "C2", "D1"))
CODES = ("channel_type_not_supported", "user_not_found", "never_heard_of_it")
"""Codes about one channel: a known one, one of Slack Connect, and one that nobody knows."""

refusals = st.lists(
    st.tuples(
        st.floats(0.0, 2 * REMEMBERED_SECONDS),
        st.sampled_from(CHANNELS),
        st.sampled_from((*CODES, *WORKSPACE_CODES, *PASSING_CODES)),
    ),
    max_size=12,
)


@given(refusals, st.sampled_from(CHANNELS), st.floats(0.0, 3 * REMEMBERED_SECONDS))
def test_the_narrowest_scope_for_an_hour(
    refused: list[tuple[float, ChannelId, str]], channel: ChannelId, passed: float
) -> None:
    """A feature may be tried unless the channel or the workspace refused it within the hour."""
    memory = FeatureRefusals()
    now = 0.0
    blocking = []
    for pause, where, code in refused:
        now += pause
        memory.refuse(where, code, now)
        if code in WORKSPACE_CODES or (where == channel and code not in PASSING_CODES):
            blocking.append(now)
    now += passed
    expected = all(now >= at + REMEMBERED_SECONDS for at in blocking)
    assert memory.allows(channel, now) is expected


@given(st.sampled_from((*CODES, *WORKSPACE_CODES)), st.floats(0.0, 1e9))
def test_tried_again_after_an_hour(code: str, now: float) -> None:
    """A refusal counts at once and until the hour is over, not a moment longer."""
    memory = FeatureRefusals()
    assert memory.allows(CHANNELS[0], now)
    memory.refuse(CHANNELS[0], code, now)
    assert not memory.allows(CHANNELS[0], now)
    assert memory.allows(CHANNELS[0], now + REMEMBERED_SECONDS)


def test_a_refusal_of_one_message() -> None:
    """A text that is too long, or a thread that is gone, says nothing about the feature."""
    memory = FeatureRefusals()
    for code in PASSING_CODES:
        memory.refuse(CHANNELS[0], code, 0.0)
    assert memory.allows(CHANNELS[0], 0.0)


def test_an_hour_has_3600_seconds() -> None:
    """A feature that was refused is tried again when an hour is over."""
    memory = FeatureRefusals()
    memory.refuse(CHANNELS[0], "missing_scope", 100.0)
    assert not memory.allows(CHANNELS[1], 3_699.9)
    assert memory.allows(CHANNELS[1], 3_700.0)


def test_a_refusal_of_one_channel() -> None:
    """It says nothing of another channel; so does a code that nobody knows."""
    for code in CODES:
        memory = FeatureRefusals()
        memory.refuse(CHANNELS[0], code, 0.0)
        assert not memory.allows(CHANNELS[0], 1.0)
        assert memory.allows(CHANNELS[1], 1.0)

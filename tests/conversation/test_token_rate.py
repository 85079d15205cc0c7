"""The learned rate of tokens stays one that a tokenizer can have, whatever a server reports."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.conversation.token_rate import (
    DEFAULT_TOKENS_PER_BYTE,
    MAX_TOKENS_PER_BYTE,
    MIN_TOKENS_PER_BYTE,
    learned_rate,
    plausible_rate,
)

rates = st.floats(MIN_TOKENS_PER_BYTE, MAX_TOKENS_PER_BYTE)
reports = st.tuples(st.integers(-(10**9), 10**9), st.integers(-1, 10**6))


@given(rates, st.lists(reports, max_size=20))
def test_no_reports_make_a_rate_that_can_not_be(rate: float, said: list[tuple[int, int]]) -> None:
    """Any number of reports of any size leaves a rate that a tokenizer can have."""
    for tokens, size in said:
        rate = learned_rate(rate, tokens=tokens, size=size)
        assert plausible_rate(rate) == rate


@given(rates, st.integers(1, 10**6), st.integers(0, 10**7))
def test_one_report_moves_the_rate_halfway_at_most(rate: float, size: int, tokens: int) -> None:
    """The rate goes towards what is reported, by no more than a half, or stays."""
    learned = learned_rate(rate, tokens=tokens, size=size)
    assert abs(learned - rate) <= abs(tokens / size - rate) / 2 + 1e-9
    assert (learned - rate) * (tokens / size - rate) >= 0


@given(rates, rates)
def test_long_requests_teach_the_true_rate(rate: float, true: float) -> None:
    """After ten requests of 100 kB the rate is what the server counts by."""
    for _ in range(10):
        rate = learned_rate(rate, tokens=round(100_000 * true), size=100_000)
    assert rate == pytest.approx(true, abs=0.01)


def test_a_report_that_no_tokenizer_can_have_made_teaches_nothing() -> None:
    """Three million tokens for a short question, none for a long one, or fewer than none."""
    for tokens, size in (
        (3_000_000, 800),
        (0, 800),
        (-5, 800),
        (12, 100_000),
        (12, 0),
        (10**400, 9),
    ):
        assert learned_rate(0.3, tokens=tokens, size=size) == 0.3


def test_what_a_server_adds_to_a_short_request_weighs_little() -> None:
    """With 300 hidden tokens next to 1,000 bytes the rate rises by less than a tenth of a token."""
    assert learned_rate(0.25, tokens=550, size=1_000) < 0.35


def test_a_stored_rate_that_can_not_be_is_forgotten() -> None:
    """What an older version learned from nonsense counts no more."""
    assert plausible_rate(0.31) == 0.31
    for rate in (3_750.0, 1.21, 0.0001, 0.0, -1.0, float("nan"), float("inf")):
        assert plausible_rate(rate) == DEFAULT_TOKENS_PER_BYTE

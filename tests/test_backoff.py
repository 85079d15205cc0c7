"""The pauses between tries."""

import pytest

from slackbot.backoff import pause


@pytest.mark.parametrize(("drawn", "share"), [(0.0, 0.5), (0.5, 0.75), (1.0, 1.0)])
def test_grows_and_stays_bounded(drawn: float, share: float) -> None:
    """The limit doubles up to half a minute; half of it is fixed, chance adds the rest."""
    limits = [0.5, 1, 2, 4, 8, 16, 30]
    pauses = [pause(failures, lambda: drawn) for failures in range(1, 8)]
    assert pauses == [limit * share for limit in limits]
    assert pause(100_000, lambda: drawn) == 30 * share


def test_those_who_fail_together_spread() -> None:
    """Without a draw of their own, two pauses differ, within the limits."""
    pauses = {pause(4) for _ in range(20)}
    assert len(pauses) > 1
    assert all(2 <= each <= 4 for each in pauses)

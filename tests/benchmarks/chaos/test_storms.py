"""Which storms a chaos run has."""

import argparse

import pytest

from benchmarks.chaos.storms import EVERYDAY_FAULTS, STORMS, parse, slack_faults


def test_storms_by_name() -> None:
    """Storms are named with commas between them, or there is none."""
    assert parse("late, edits") == ("late", "edits")
    assert parse(",".join(STORMS)) == STORMS
    assert parse("none") == ()


def test_an_unknown_storm() -> None:
    """An unknown name is refused with the names there are."""
    with pytest.raises(argparse.ArgumentTypeError, match="'rain' is none of late, refusals"):
        parse("late,rain")


def test_the_faults_of_storms() -> None:
    """Late effects and refusals come with their storms, in addition to everyday faults."""
    assert slack_faults(()) == EVERYDAY_FAULTS
    assert slack_faults(STORMS).keys() - EVERYDAY_FAULTS.keys() == {"late", "refused"}

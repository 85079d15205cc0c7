"""What reports of removals mean, in every order in which they can arrive."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from slackbot.workspaces.removal import Report, Standing, decide

NOW = 1_700_000_000

GONE: tuple[Report, ...] = ("app_uninstalled", "team_access_revoked")
STILL_THERE: tuple[Report, ...] = ("tokens_revoked", "nothing")


@pytest.mark.parametrize("report", ["app_uninstalled", "tokens_revoked", "team_access_revoked"])
def test_slack_does_not_say(report: Report) -> None:
    """Nothing is decided then: Slack reports it again."""
    assert decide(report, "unknown", reported_at=NOW, now=NOW) == "ask again"


@pytest.mark.parametrize("reported_at", [None, NOW, NOW - 3_500, NOW - 4_000])
def test_a_token_that_works(reported_at: int | None) -> None:
    """Whatever Slack has reported, nothing is deleted."""
    for report in GONE:
        assert decide(report, "works", reported_at=reported_at, now=NOW) == "remember"
    assert decide("tokens_revoked", "works", reported_at=reported_at, now=NOW) == "keep"
    assert decide("nothing", "works", reported_at=reported_at, now=NOW) == "keep"


def test_a_token_that_is_refused() -> None:
    """Only where Slack reports, or has just reported, that the app is removed."""
    for report in GONE:
        assert decide(report, "refused", reported_at=None, now=NOW) == "delete"
    for report in STILL_THERE:
        assert decide(report, "refused", reported_at=None, now=NOW) == "keep"
        assert decide(report, "refused", reported_at=NOW - 3_500, now=NOW) == "delete"
        assert decide(report, "refused", reported_at=NOW - 4_000, now=NOW) == "keep"


@dataclass
class World:
    """A workspace as Slack knows it and as the bot has stored it."""

    generation: int = 0
    """How often the app was installed."""
    is_installed: bool = False
    stored: int = 0
    """The generation whose token is stored; 0 for none."""
    reported_at: int | None = None
    data_of: set[int] = field(default_factory=set)
    """The generations in which something was said that is stored."""
    late_refusal: bool = False
    """The token of the removed installation still works for a moment."""

    def install(self) -> None:
        self.generation += 1
        self.is_installed, self.late_refusal = True, False
        self.stored, self.reported_at = self.generation, None
        self.data_of.add(self.generation)

    def standing(self) -> Standing:
        works = self.is_installed and self.stored == self.generation
        return "works" if works or (self.late_refusal and self.stored) else "refused"

    def deliver(self, report: Report) -> None:
        if not self.stored:
            return
        match decide(report, self.standing(), reported_at=self.reported_at, now=NOW):
            case "delete":
                assert not self.is_installed, "a workspace that has the app has lost its data"
                self.stored, self.reported_at = 0, None
                self.data_of.clear()
            case "remember":
                self.reported_at = NOW


REPORTS: tuple[Report, ...] = ("app_uninstalled", "tokens_revoked")


def histories(removals: int) -> Iterator[list[str]]:
    """Every order of so many removals and installations, in which the reports of each removal come
    at any time after it, one of them twice. "late" and "refused" are when a token stops working.
    """
    steps = ["install"]
    for number in range(removals):
        steps += [f"uninstall {number}", "install"]
    for ends_installed in (True, False):
        base = steps if ends_installed else steps[:-1]
        deliveries = [
            f"{report} {number}" for number in range(removals) for report in (*REPORTS, REPORTS[0])
        ]
        yield from interleaved(base, deliveries)


def interleaved(base: list[str], deliveries: list[str]) -> Iterator[list[str]]:
    """All ways to put deliveries into a history, each after its removal."""
    if not deliveries:
        yield base
        return
    first, *rest = deliveries
    removed = base.index(f"uninstall {first.rpartition(' ')[2]}")
    for place in range(removed + 1, len(base) + 1):
        yield from interleaved([*base[:place], first, *base[place:]], rest)


@pytest.mark.parametrize("refusal", ["at once", "late"])
@pytest.mark.parametrize("removals", [1, 2])
def test_every_order(removals: int, refusal: str) -> None:
    """Nothing is deleted of a workspace that has the app, and nothing is left of one that has not,
    once all reports have come and the bot has looked once more.
    """
    seen = set()
    for history in histories(removals):
        world = World()
        for step in history:
            kind, _, _ = step.partition(" ")
            if kind == "install":
                world.install()
            elif kind == "uninstall":
                world.is_installed, world.late_refusal = False, refusal == "late"
            elif kind == "app_uninstalled":
                world.deliver("app_uninstalled")
            else:
                world.deliver("tokens_revoked")
        world.late_refusal = False
        world.deliver("nothing")
        assert (world.generation in world.data_of) is world.is_installed, history
        assert bool(world.stored) is world.is_installed, history
        seen.add(tuple(history))
    assert len(seen) > {1: 5, 2: 500}[removals]


def test_orders_are_all_there() -> None:
    """The list of orders is the one that is meant: the report of a removal never precedes it."""
    assert list(interleaved(["install", "uninstall 0"], ["a 0"])) == [
        ["install", "uninstall 0", "a 0"]
    ]
    found = interleaved(["install", "uninstall 0", "install"], ["a 0", "b 0"])
    assert len({*map(tuple, found)}) == len([*itertools.permutations("abc")])

"""Replicas that come, go and fail share the workspaces, on a virtual clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from slackbot.conversation.ids import TeamId
from slackbot.workspaces.ownership import LEASE_SECONDS, RENEWALS_PER_LEASE
from tests.workspaces.simulation import Replica, Simulation

INTERVAL_SECONDS = LEASE_SECONDS / RENEWALS_PER_LEASE

SETTLED_AFTER_SECONDS = 180.0
"""When nothing happens any more: leases expire, pauses end, people who are busy are left."""

Action = tuple[str, int, float]


@contextmanager
def simulation(seed: int, workspaces: int = 0) -> Iterator[Simulation]:
    """Fails when somebody believes to have a lease that the database does not confirm."""
    simulated = Simulation(Random(seed))

    def watch() -> None:
        for replica in simulated.live():
            for lease in replica.owner.believed():
                if lease.team in simulated.database.rows:  # otherwise it was removed
                    assert simulated.database.confirms(lease)

    simulated.watch = watch
    try:
        for number in range(workspaces):
            simulated.database.add(TeamId(f"T{number}"))
        yield simulated
    finally:
        simulated.close()


def answered(simulated: Simulation) -> list[TeamId]:
    """The workspaces in which a replica answers, once for each that does."""
    return [team for replica in simulated.live() for team in replica.ownership.owned()]


def everything_is_answered(simulated: Simulation) -> bool:
    return sorted(answered(simulated)) == sorted(simulated.database.rows)


def counts(simulated: Simulation) -> list[int]:
    return [len(replica.ownership.owned()) for replica in simulated.live()]


def is_settled(simulated: Simulation) -> bool:
    """Each workspace is answered by one replica, and the spread is even."""
    return everything_is_answered(simulated) and max(counts(simulated)) - min(counts(simulated)) < 2


def act(simulated: Simulation, action: Action) -> None:
    kind, number, seconds = action
    database, live = simulated.database, simulated.live()
    chosen: Replica | None = live[number % len(live)] if live else None
    match kind:
        case "start":
            simulated.start(longest=seconds / 4, failing=0.1, busy=0.3)
        case "add":
            database.add(TeamId(f"T{number}"))
        case "remove":
            database.remove(TeamId(f"T{number}"))
        case "lose the database":
            database.is_down = True
            simulated.at(seconds * 10, lambda: setattr(database, "is_down", False))
        case "kill" if chosen:
            chosen.kill()
        case "pause" if chosen:
            chosen.pause(seconds * 3)
        case "close" if chosen:
            chosen.close()
    simulated.run(seconds if number % 2 else 0.0)


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(
            ["start", "start", "add", "add", "remove", "lose the database"]
            + ["kill", "pause", "close", "wait"]
        ),
        st.integers(0, 9),
        st.floats(0.0, 30.0),
    ),
    max_size=30,
)


@settings(max_examples=150)
@given(actions=ACTIONS, seed=st.integers(0, 2**32))
def test_at_most_one_replica_believes(actions: list[Action], seed: int) -> None:
    """Whatever happens, only the owner by the database's word believes that it may act; afterwards
    the workspaces are spread evenly.
    """
    with simulation(seed, workspaces=4) as simulated:
        simulated.database.loss = 0.05
        for action in actions:
            act(simulated, action)
        simulated.run(300.0)
        simulated.database.loss = 0.0
        for replica in simulated.live():
            replica.owner.failing = 0.0
        simulated.start()
        assert simulated.run(SETTLED_AFTER_SECONDS, until=lambda: is_settled(simulated))
        simulated.run(SETTLED_AFTER_SECONDS)
        assert is_settled(simulated)

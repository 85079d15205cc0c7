"""Replicas that come, go and fail share the workspaces, on a virtual clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from slackbot.conversation.ids import TeamId
from slackbot.workspaces.ownership import (
    BUSY_PATIENCE_SECONDS,
    LEASE_SECONDS,
    RENEWALS_PER_LEASE,
)
from tests.workspaces.simulation import Replica, Simulation

INTERVAL_SECONDS = LEASE_SECONDS / RENEWALS_PER_LEASE

SETTLED_AFTER_SECONDS = 180.0
"""When nothing happens any more: leases expire, pauses end, people who are busy are left."""

Action = tuple[str, int, float]


@contextmanager
def simulation(seed: int, workspaces: int = 0) -> Iterator[Simulation]:
    """Fails when somebody believes to have a lease that the database does not confirm."""
    simulated = Simulation(Random(seed))  # noqa: S311 - a test's

    def watch() -> None:
        assert simulated.violations == []
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
    return [team for replica in simulated.live() for team in replica.owner.answers_in()]


def everything_is_answered(simulated: Simulation) -> bool:
    return sorted(answered(simulated)) == sorted(simulated.database.rows)


def counts(simulated: Simulation) -> list[int]:
    return [len(replica.owner.answers_in()) for replica in simulated.live()]


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
            [
                *("start", "start", "add", "add", "remove", "wait"),
                *("kill", "pause", "close", "lose the database"),
            ]
        ),
        st.integers(0, 9),
        st.floats(0.0, 30.0),
    ),
    max_size=30,
)


@settings(max_examples=100)
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


SEEDS = st.integers(0, 2**32)


@given(seed=SEEDS, replicas=st.integers(2, 5), workspaces=st.integers(1, 12))
def test_a_dead_replica_is_replaced_in_time(seed: int, replicas: int, workspaces: int) -> None:
    """Others own what a dead replica owned when its lease and an interval have passed."""
    with simulation(seed, workspaces) as simulated:
        for _ in range(replicas):
            simulated.start()
        assert simulated.run(SETTLED_AFTER_SECONDS, until=lambda: is_settled(simulated))
        simulated.run(simulated.random.uniform(0.0, LEASE_SECONDS))
        simulated.live()[0].kill()
        assert simulated.run(
            LEASE_SECONDS + INTERVAL_SECONDS, until=lambda: everything_is_answered(simulated)
        )
        simulated.run(LEASE_SECONDS + INTERVAL_SECONDS)
        assert is_settled(simulated)


@given(seed=SEEDS, replicas=st.integers(2, 5), workspaces=st.integers(1, 12))
def test_an_orderly_end_hands_over_at_once(seed: int, replicas: int, workspaces: int) -> None:
    """Others answer within a second of a shutdown: nobody waits for an expiry."""
    with simulation(seed, workspaces) as simulated:
        for _ in range(replicas):
            simulated.start()
        assert simulated.run(SETTLED_AFTER_SECONDS, until=lambda: is_settled(simulated))
        leaving = simulated.live()[0]
        leaving.close()
        simulated.run(1.0)
        assert leaving.has_ended
        assert is_settled(simulated)


@given(seed=SEEDS)
def test_a_replica_that_ends_while_it_begins(seed: int) -> None:
    """A claim that is answered after the shutdown began is released."""
    with simulation(seed, workspaces=3) as simulated:
        replica = simulated.start()
        simulated.run(simulated.random.uniform(0.0, 0.05))
        replica.close()
        simulated.run(1.0)
        assert replica.has_ended
        assert all(row.owner is None for row in simulated.database.rows.values())


@given(seed=SEEDS, away=st.floats(0.0, 7.0))
def test_a_short_loss_of_the_database_changes_nothing(seed: int, away: float) -> None:
    """While the database is away for less than a lease has left, its owner keeps answering."""
    with simulation(seed, workspaces=3) as simulated:
        replica = simulated.start()
        assert simulated.run(SETTLED_AFTER_SECONDS, until=lambda: is_settled(simulated))
        before = {team: row.epoch for team, row in simulated.database.rows.items()}
        simulated.run(simulated.random.uniform(0.0, INTERVAL_SECONDS))
        simulated.database.is_down = True
        assert not simulated.run(away, until=lambda: not everything_is_answered(simulated))
        simulated.database.is_down = False
        assert not simulated.run(60.0, until=lambda: not everything_is_answered(simulated))
        assert {team: row.epoch for team, row in simulated.database.rows.items()} == before
        assert len(replica.owner.active) == 3


@given(seed=SEEDS, workspaces=st.integers(1, 8))
def test_a_long_loss_ends_everything_in_time(seed: int, workspaces: int) -> None:
    """When the database stays away, each replica stops before its leases have expired."""
    with simulation(seed, workspaces) as simulated:
        for _ in range(3):
            simulated.start()
        assert simulated.run(SETTLED_AFTER_SECONDS, until=lambda: is_settled(simulated))
        simulated.database.is_down = True
        assert simulated.run(LEASE_SECONDS, until=lambda: not answered(simulated))
        assert all(row.expires_at > simulated.now for row in simulated.database.rows.values())
        simulated.run(300.0)
        simulated.database.is_down = False
        assert simulated.run(SETTLED_AFTER_SECONDS, until=lambda: is_settled(simulated))


@given(seed=SEEDS)
def test_a_replica_that_can_take_nothing_leaves_it_to_others(seed: int) -> None:
    """A workspace that one replica fails to take is answered by another one."""
    with simulation(seed, workspaces=3) as simulated:
        simulated.start(failing=1.0)
        simulated.run(60.0)
        assert answered(simulated) == []
        simulated.start()
        assert simulated.run(60.0, until=lambda: everything_is_answered(simulated))


@given(seed=SEEDS)
def test_what_could_not_be_taken_is_tried_again_soon(seed: int) -> None:
    """After a failure the pause is short: the next heartbeat would be seconds later."""
    with simulation(seed, workspaces=1) as simulated:
        replica = simulated.start(failing=1.0, longest=0.1)
        assert simulated.run(1.0, until=lambda: bool(replica.owner.believed()))
        assert simulated.run(1.0, until=lambda: not replica.owner.active)
        replica.owner.failing = 0.0
        assert simulated.run(1.0, until=lambda: everything_is_answered(simulated))


@given(seed=SEEDS)
def test_busy_workspaces_are_kept_for_a_while(seed: int) -> None:
    """A new replica gets what is idle at once, and what is always busy after a minute."""
    with simulation(seed, workspaces=4) as simulated:
        simulated.start(busy=1.0)
        assert simulated.run(SETTLED_AFTER_SECONDS, until=lambda: is_settled(simulated))
        simulated.start()
        simulated.run(BUSY_PATIENCE_SECONDS - INTERVAL_SECONDS)
        assert counts(simulated) == [4, 0]
        assert simulated.run(4 * INTERVAL_SECONDS, until=lambda: counts(simulated) == [2, 2])


@given(seed=SEEDS)
def test_a_paused_replica_wakes_without_leases(seed: int) -> None:
    """A replica that was paused for longer than a lease touches nothing when it wakes."""
    with simulation(seed, workspaces=2) as simulated:
        paused = simulated.start()
        assert simulated.run(SETTLED_AFTER_SECONDS, until=lambda: is_settled(simulated))
        simulated.start()
        paused.pause(60.0)
        simulated.run(59.0)
        assert paused.owner.active
        assert paused.owner.believed() == []
        assert sorted(answered(simulated)) == ["T0", "T1"]
        assert simulated.run(SETTLED_AFTER_SECONDS, until=lambda: counts(simulated) == [1, 1])


@given(seed=SEEDS)
def test_removed_workspaces_are_left_at_once(seed: int) -> None:
    """The owner of a workspace that is removed stops; one that is added gets an owner."""
    with simulation(seed, workspaces=2) as simulated:
        replica = simulated.start()
        assert simulated.run(SETTLED_AFTER_SECONDS, until=lambda: is_settled(simulated))
        simulated.database.remove(TeamId("T0"))
        simulated.database.add(TeamId("T9"))
        simulated.run(1.0)
        assert sorted(lease.team for lease in replica.owner.active) == ["T1", "T9"]


@given(seed=SEEDS)
def test_a_refused_write_ends_answering_at_once(seed: int) -> None:
    """Also while the database does not answer. The replica keeps its other workspaces."""
    with simulation(seed, workspaces=2) as simulated:
        replica = simulated.start()
        assert simulated.run(SETTLED_AFTER_SECONDS, until=lambda: is_settled(simulated))
        first, second = replica.owner.active
        simulated.database.is_down = True
        replica.ownership.lose(first)
        simulated.run(1.0)
        assert replica.owner.active == {second}
        simulated.database.is_down = False
        assert simulated.run(SETTLED_AFTER_SECONDS, until=lambda: is_settled(simulated))

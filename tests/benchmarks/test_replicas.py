"""The benchmark of replicas, made small."""

from pathlib import Path

from benchmarks.replicas import cost_of_answers, events_per_second
from slackbot.playground.postgres_server import PostgresServer


def test_events_are_counted(tmp_path: Path) -> None:
    """A process says how many events it has stored."""
    assert events_per_second(f"sqlite:///{tmp_path / 'events.db'}", 1, 0.1) > 0


async def test_the_cost_of_answers(postgres: PostgresServer) -> None:
    """Each answer writes its question, its place and its turn, at least."""
    cost = await cost_of_answers(postgres, 5)
    assert cost.rows > 3
    assert cost.log_bytes > 0

"""The benchmark of replicas, made small."""

from pathlib import Path

from benchmarks.replicas.answer_cost import cost_of_answers
from benchmarks.replicas.intake import measure_intake
from benchmarks.replicas.stops import measure_stops
from benchmarks.replicas.storing import stored_per_second
from slackbot.playground.postgres_server import PostgresServer


def test_events_are_counted(tmp_path: Path) -> None:
    """A process says how many events it has stored."""
    assert stored_per_second(f"sqlite:///{tmp_path / 'events.db'}", 1, 0.1) > 0


async def test_events_are_taken_in(postgres: PostgresServer) -> None:
    """Replicas acknowledge what they are sent, and are seen to use the processor."""
    intake = await measure_intake(postgres, 2, 0.5)
    assert intake.per_second > 0
    assert intake.unacknowledged == 0
    assert intake.cpu_per_event.slack > 0


async def test_a_press_of_stop(postgres: PostgresServer) -> None:
    """It reaches the owner before Slack shows the end."""
    (stop,) = await measure_stops(postgres, 1)
    assert 0 < stop.reached < stop.ended


async def test_the_cost_of_answers(postgres: PostgresServer) -> None:
    """What is written to the log is known at once; the other figures come later."""
    cost = await cost_of_answers(postgres, 5, flush_seconds=0.0)
    assert cost.log_bytes > 1000

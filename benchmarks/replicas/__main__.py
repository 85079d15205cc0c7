"""Measures replicas on PostgreSQL next to one process on SQLite.

    uv run python -m benchmarks.replicas [--deaths 1] [--stops 40] [--answers 30] [--seconds 2]

Reported are the seconds from the death of a replica until people see each of its answers go on, and
from a press of Stop at one that does not own the workspace; the events that one, two and three
replicas take in a second, and that as many processes store; and what an answer costs the database.
"""

import argparse
import asyncio
import statistics
from collections.abc import Sequence

from benchmarks.environment import temporary_folder
from benchmarks.replicas.answer_cost import cost_of_answers, sqlite_bytes
from benchmarks.replicas.deaths import measure_a_death
from benchmarks.replicas.intake import measure_intake
from benchmarks.replicas.stops import measure_stops
from benchmarks.replicas.storing import stored_per_second
from slackbot.playground.postgres_server import PostgresServer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deaths", type=int, default=1)
    parser.add_argument("--stops", type=int, default=40)
    parser.add_argument("--answers", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=2.0, help="of events")
    options = parser.parse_args()
    with PostgresServer("max_connections=500", durable=True) as server:
        waits = [
            wait for _ in range(options.deaths) for wait in asyncio.run(measure_a_death(server))
        ]
        print(f"{len(waits)} answers of {options.deaths} dead replicas went on: {_spread(waits)}")
        stops = asyncio.run(measure_stops(server, options.stops))
        print(f"{len(stops)} presses of Stop were stored: {_spread([x.stored for x in stops])}")
        print(f"  reached the owner: {_spread([x.reached for x in stops])}")
        print(f"  ended the answer in Slack: {_spread([x.ended for x in stops])}")
        for replicas in (1, 2, 3):
            intake = asyncio.run(measure_intake(server, replicas, options.seconds))
            cpu = intake.cpu_per_event
            print(
                f"{replicas} replicas: {intake.per_second:,.0f} events a second taken in, "
                f"{intake.unacknowledged} not, median {intake.median_ms:.0f} ms; CPU for each: "
                f"{1000 * cpu.replicas:.1f} ms of replicas, {1000 * cpu.database:.1f} ms of the "
                f"database, {1000 * cpu.slack:.1f} ms of Slack; {intake.cores:.1f} cores busy"
            )
        for processes in (1, 2, 3):
            stored = stored_per_second(server.create_database(), processes, options.seconds)
            print(f"PostgreSQL, {processes} processes: {stored:,.0f} events a second stored")
        cost = asyncio.run(cost_of_answers(server, options.answers))
        print(
            f"PostgreSQL, an answer: {cost.milliseconds:.1f} ms, {cost.transactions:.1f} "
            f"transactions, {cost.rows:.1f} rows written, {cost.log_bytes / 1024:.0f} KiB of log"
        )
    asyncio.run(measure_sqlite(options.answers, options.seconds))


async def measure_sqlite(answers: int, seconds: float) -> None:
    async with temporary_folder() as folder:
        database = f"sqlite:///{folder / 'events.db'}"
        stored = await asyncio.to_thread(stored_per_second, database, 1, seconds)
        print(f"SQLite, one process: {stored:,.0f} events a second stored")
    print(f"SQLite, an answer: {await sqlite_bytes(answers) / 1024:.0f} KiB written")


def _spread(seconds: Sequence[float]) -> str:
    tenths = statistics.quantiles(seconds, n=10, method="inclusive")
    return (
        f"{min(seconds):.2f} to {max(seconds):.2f} s, median {statistics.median(seconds):.2f} s, "
        f"nine of ten within {tenths[-1]:.2f} s"
    )


if __name__ == "__main__":
    main()

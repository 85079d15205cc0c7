"""Measures what workspaces cost that have installed the app: idle ones, and those with an open bot.

    uv run python -m benchmarks.workspaces [--installed 1000] [--active 20] [--seconds 30]

`slackbot serve` runs over SQLite, then over a PostgreSQL server. Each active workspace asks one
question; then nothing arrives. The renewal is one heartbeat of a replica that owns all workspaces.
"""

import argparse
import asyncio
import time
from contextlib import ExitStack

from benchmarks.environment import cpu_seconds, resident_mib, temporary_folder
from slackbot.conversation.ids import TeamId, UserId
from slackbot.playground.fake_openai.script import Script, says
from slackbot.playground.postgres_server import PostgresServer
from slackbot.slack.manifest import scopes
from slackbot.store import is_shared, open_store
from slackbot.store.postgres.leases import PostgresLeases
from slackbot.store.postgres.lone_connection import LoneConnection
from slackbot.workspaces.encryption import Encryption
from slackbot.workspaces.installations import Installation, InstallationKey
from slackbot.workspaces.installed import InstalledWorkspaces
from slackbot.workspaces.token_encryption import BotTokens, TokenEncryption
from tests.config import ENCRYPTION_KEY
from tests.harness import Request
from tests.many_workspaces import many_workspaces
from tests.replicas import replica_processes

BEATS = 20
"""How many heartbeats are timed."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--installed", type=int, default=1_000)
    parser.add_argument("--active", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=30.0, help="how long it is idle")
    arguments = parser.parse_args()
    print("| database | installed | start | at the start | with open bots | idle | renewal |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with ExitStack() as stack:
        server = stack.enter_context(PostgresServer())
        for name in ("SQLite", "PostgreSQL"):
            for installed in (0, arguments.installed):
                url = server.create_database() if name == "PostgreSQL" else ""
                cells = asyncio.run(measure(url, installed, arguments.active, arguments.seconds))
                print(f"| {name} | {installed:,} + {arguments.active} | {cells} |", flush=True)


async def measure(url: str, installed: int, active: int, seconds: float) -> str:
    """`installed` are the idle ones. Returns the cells of a row of the table."""
    async with temporary_folder() as folder:
        url = url or f"sqlite:///{folder / 'slackbot.db'}"
        await install_idle(url, installed)
        async with many_workspaces(url, answer) as stage:
            environment = {**stage.environment, "LOG_LEVEL": "ERROR"}
            began = time.monotonic()
            async with replica_processes(1, environment, stage.platform) as replicas:
                started = time.monotonic() - began
                pid = replicas[0].process.pid
                assert pid is not None
                at_start = resident_mib(pid)
                teams = [stage.add(f"Active {number}") for number in range(active)]
                await stage.install(replicas[0].port, *teams)
                for team in teams:
                    await team.answered(await team.ask("hello"))
                with_bots = resident_mib(pid)
                used = cpu_seconds(pid)
                await asyncio.sleep(seconds)
                share = (cpu_seconds(pid) - used) / seconds
        beat = f"{await renewal_ms(url):.0f} ms" if is_shared(url) else "-"
    each = (with_bots - at_start) / active if active else 0.0
    return (
        f"{started:.1f} s | {at_start:.0f} MiB | {with_bots:.0f} MiB, {each:.1f} each "
        f"| {share:.1%} | {beat}"
    )


async def install_idle(url: str, count: int) -> None:
    """As the install page stores them."""
    teams: list[TeamId] = []
    store = await open_store(url, shared=True, create=True)
    installed = InstalledWorkspaces(store, TokenEncryption(Encryption([ENCRYPTION_KEY])))
    for number in range(count):
        team = TeamId(f"TIDLE{number:05}")
        installation = Installation(
            InstallationKey(team),
            team_name=f"Idle {number}",
            bot_user=UserId("UBOT"),
            bot="BBOT",
            scopes=tuple(sorted(scopes())),
            installer=UserId("UANA"),
            installed_at=int(time.time()),
        )
        await installed.save(installation, BotTokens(f"xoxb-{number}"))
        teams.append(team)
    await store.close()
    if is_shared(url):
        leases = PostgresLeases(LoneConnection(url))
        for team in teams:
            await leases.add(team)
        await leases.close()


async def renewal_ms(url: str) -> float:
    """How long a heartbeat takes for a replica that owns all workspaces."""
    leases = PostgresLeases(LoneConnection(url))
    await leases.claim("measured", 1_000_000, 60.0)
    began = time.monotonic()
    for _ in range(BEATS):
        await leases.beat("measured", 60.0, "here")
    ended = time.monotonic()
    await leases.close()
    return (ended - began) / BEATS * 1_000


def answer(_: Request) -> Script:
    return says("Ahoy").paced(0.0)


if __name__ == "__main__":
    main()

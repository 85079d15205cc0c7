"""How many programs of MCP servers run for many workspaces, over the real wire."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from slackbot.playground.fake_openai.script import Script, says
from slackbot.playground.postgres_server import PostgresServer
from tests.app.test_served_workspaces import open_bot
from tests.harness import Request
from tests.many_workspaces import ManyWorkspaces, many_workspaces
from tests.replicas import Replicas, ReplicaTask, replica_tasks

ROOT = Path(__file__).parents[2]

NOTING = 'echo started >> "$1"; exec "$2" -m tests.tools.sample_mcp_server'


def answer(request: Request) -> Script:
    return says("Ships." if "harbour_ships" in json.dumps(request) else "No ships.").paced(0.0)


@dataclass(frozen=True)
class Programs:
    folder: Path

    @property
    def settings(self) -> dict[str, str]:
        """Names a server whose program notes that it was started."""
        program = ["sh", str(self._log), sys.executable]
        config = {"command": "sh", "args": ["-c", NOTING, *program], "cwd": str(ROOT)}
        path = self.folder / "mcp.json"
        path.write_text(json.dumps({"mcpServers": {"harbour": config}}))
        return {"SLACKBOT_MCP": str(path)}

    def count(self) -> int:
        return len(self._log.read_text().splitlines()) if self._log.exists() else 0

    @property
    def _log(self) -> Path:
        return self.folder / "log"


@asynccontextmanager
async def serving(
    url: str, programs: Programs, count: int
) -> AsyncIterator[tuple[ManyWorkspaces, Replicas[ReplicaTask]]]:
    async with many_workspaces(url, answer) as stage:
        environment = {**stage.environment, **programs.settings}
        async with replica_tasks(count, environment, stage.platform) as replicas:
            yield stage, replicas


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30.0):
        while not condition():  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.01)


async def test_workspaces_that_need_none(tmp_path: Path) -> None:
    """A program runs where somebody asks, and where somebody opens the Home tab, which shows what a
    server has changed. Each workspace has its own, and one where people talk has none.
    """
    programs = Programs(tmp_path)
    async with serving(f"sqlite:///{tmp_path / 'slackbot.db'}", programs, 1) as (stage, replicas):
        first, second, silent = (stage.add(name) for name in ("First", "Second", "Silent"))
        await stage.install(replicas[0].port, first, second, silent)
        await silent.workspace.say(silent.person, silent.channel, "nothing for a bot")
        await until(lambda: open_bot(replicas[0], silent) is not None)
        for number, team in enumerate((first, second), 1):
            for _ in range(2):
                assert await team.answered(await team.ask("hello")) == "Ships."
            assert programs.count() == number
        await silent.workspace.open_home(silent.person)
        await until(lambda: programs.count() == 3)


async def test_replicas_that_need_none(tmp_path: Path, postgres: PostgresServer) -> None:
    """Only the owner runs the program, whichever replica takes in what people ask."""
    programs = Programs(tmp_path)
    async with serving(postgres.create_database(), programs, 2) as (stage, replicas):
        team = stage.add("Firm")
        await stage.install(replicas[0].port, team)
        for _ in range(4):
            assert await team.answered(await team.ask("hello")) == "Ships."
        assert all(open_bot(replicas[number], team) for number in range(2))
        assert programs.count() == 1

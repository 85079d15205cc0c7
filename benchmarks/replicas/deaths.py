"""How long the answers of a replica that dies stand still."""

import asyncio
import signal
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack

from benchmarks.chaos.replica import ReplicaProcess
from benchmarks.chaos.tool_log import LOG_FILE_VARIABLE
from benchmarks.environment import temporary_folder
from benchmarks.installed import install, installed_environment
from benchmarks.replicas.questions import ask, shown
from benchmarks.replicas.serving import owned
from slackbot.playground.fake_openai.script import Script
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.fake_slack.platform import SlackPlatform
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.playground.postgres_server import PostgresServer
from slackbot.workspaces.ownership import LEASE_SECONDS

WORKSPACES = 10
REPLICAS = 3
WORDS, WORDS_PER_SECOND = 1_200, 20.0
"""Of the answers that are under way."""


async def measure_a_death(server: PostgresServer) -> Sequence[float]:
    """Kills the replica that owns most, with SIGKILL in the middle of its answers. Returns the
    seconds until people see each of them go on.
    """
    async with AsyncExitStack() as stack:
        folder = await stack.enter_async_context(temporary_folder())
        platform = await stack.enter_async_context(SlackPlatform())
        model = await stack.enter_async_context(ModelServer(answer=_long_answer))
        workspaces = [platform.add_workspace(f"W{number}") for number in range(WORKSPACES)]
        database = server.create_database()
        await install(platform, database)
        environment = {
            **installed_environment(platform, model),
            "DATABASE_URL": database,
            LOG_FILE_VARIABLE: str(folder / "tools"),
        }
        replicas = [
            ReplicaProcess(environment, folder / "log", LEASE_SECONDS) for _ in range(REPLICAS)
        ]
        for replica in replicas:
            replica.start()
            stack.push_async_callback(replica.end)
        await platform.until(lambda: platform.sockets.count == REPLICAS)
        asked = [await ask(workspace) for workspace in workspaces]
        await platform.until(lambda: all(map(shown, workspaces, asked)), 60.0)
        teams = owned(database)
        victim = max(teams, key=lambda pid: len(teams[pid]))
        theirs = [
            (workspace, question)
            for workspace, question in zip(workspaces, asked, strict=True)
            if workspace.team.team_id in teams[victim]
        ]
        (dead,) = (each for each in replicas if each.pid == victim)
        dead.send(signal.SIGKILL)
        await dead.ended(5.0)
        died, before = time.monotonic(), [shown(*each) for each in theirs]

        async def wait(workspace: Workspace, question: PostedMessage, then: str) -> float:
            await platform.until(lambda: shown(workspace, question) != then, 60.0)
            return time.monotonic() - died

        return await asyncio.gather(
            *(wait(*each, then) for each, then in zip(theirs, before, strict=True))
        )


def _long_answer(_: object) -> Script:
    words = (f"{number} " for number in range(WORDS))
    script = Script(tuple({"content": word} for word in words))
    return script.paced(1 / WORDS_PER_SECOND, first_after=0.3)

"""The whole chaos run: people ask, the bot is killed often, and the result is verified."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from random import Random

from benchmarks.chaos.bot_processes import BotRuns
from benchmarks.chaos.faulty_model import FaultyModel
from benchmarks.chaos.simulated_users import SimulatedUsers
from benchmarks.chaos.verification import verify
from benchmarks.environment import bot_environment, temporary_folder
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.faults import RandomFault
from slackbot.playground.fake_slack.workspace import Workspace

FAULT_RATES: Mapping[RandomFault, float] = {
    "rate_limited": 0.01,
    "500": 0.01,
    "503": 0.01,
    "fatal_error": 0.01,
    "reset_before": 0.02,
    "reset_after": 0.03,
    "hang": 0.02,
}


async def run_chaos(kills: int, seed: int) -> str:
    """Returns a summary. Raises AssertionError if an answer is lost or doubled."""
    began = time.monotonic()
    rng = Random(seed)  # noqa: S311 - reproducible
    model = FaultyModel(rng)
    async with (
        temporary_folder() as folder,
        Workspace() as workspace,
        ModelServer(answer=model.answer) as server,
    ):
        users = SimulatedUsers(workspace, rng)
        runs = BotRuns(workspace, rng, bot_environment(workspace, server), folder)
        workspace.faults.fail_randomly(rng, FAULT_RATES)
        asking = asyncio.gather(users.ask(), users.keep_retrying())
        for _ in range(kills):
            await runs.run_and_kill()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        workspace.faults.clear()
        model.is_healthy = True
        await runs.run_until_settled(users)
        report = await verify(users, runs)
    exits = ", ".join(f"{number} {name}" for name, number in sorted(runs.exits.items()))
    results = Counter(call.error or call.status for call in workspace.calls)
    return (
        f"{report.answered} questions, {report.with_file} of them with a file, "
        f"{report.unacknowledged} more never acknowledged; "
        f"{len(server.requests)} requests to the model, {len(workspace.calls)} calls to Slack, "
        f"of which {len(workspace.calls) - results[200]} failed\n"
        f"{report.tools} tool calls, none run twice\n"
        f"{exits}; {runs.lost_sockets} sockets lost or silent; "
        f"{users.retries} presses of Try again\n"
        f"every question has exactly one whole answer, after {time.monotonic() - began:.0f} s"
    )

"""The whole chaos run: people ask, the bot is killed often, and the result is verified."""

import asyncio
import time
from collections import Counter
from collections.abc import Collection
from random import Random

from benchmarks.chaos.bot_processes import BotRuns
from benchmarks.chaos.changes import SimulatedChanges
from benchmarks.chaos.faulty_model import FaultyModel
from benchmarks.chaos.outages import SimulatedOutages
from benchmarks.chaos.settling import opened
from benchmarks.chaos.simulated_users import SimulatedUsers
from benchmarks.chaos.storms import STORMS, Storm, slack_faults
from benchmarks.chaos.verification import verify
from benchmarks.environment import bot_environment, temporary_folder
from benchmarks.loop_watchdog import describe, read_stalls
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.recorded_calls import RecordedCall
from slackbot.playground.fake_slack.workspace import Workspace


async def run_chaos(kills: int, seed: int, storms: Collection[Storm] = STORMS) -> str:
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
        changes = SimulatedChanges(workspace, users.questions, rng)
        outages = SimulatedOutages(workspace, rng)
        runs = BotRuns(workspace, rng, bot_environment(workspace, server), folder, storms)
        workspace.faults.fail_randomly(rng, slack_faults(storms))
        going_on = [users.ask(), users.keep_retrying()]
        if "edits" in storms:
            going_on.append(changes.run())
        if "outages" in storms:
            going_on.append(outages.run())
        asking = asyncio.gather(*going_on)

        async def calm_down() -> None:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            workspace.faults.clear()
            model.is_healthy = True

        try:
            for _ in range(kills):
                await runs.run_and_kill()
            await runs.run_until_settled(users, calm_down)
        finally:
            await calm_down()
        async with opened(runs.database) as store:
            report = await verify(users, runs, store)
        stalls = describe(read_stalls(runs.stalls))
    exits = ", ".join(f"{number} {name}" for name, number in sorted(runs.exits.items()))
    results = Counter(_result(call) for call in workspace.calls)
    failed = ", ".join(f"{number} {name}" for name, number in results.most_common() if name)
    return (
        f"{report.answered} questions, {report.with_file} of them with a file, "
        f"{report.unacknowledged} more never acknowledged; "
        f"{len(server.requests)} requests to the model, {len(workspace.calls)} calls to Slack, "
        f"of which {len(workspace.calls) - results['']} failed: {failed}\n"
        f"{report.tools} tool calls, none run twice\n"
        f"{exits}; {runs.lost_sockets} sockets lost or silent; "
        f"{users.retries} presses of Try again\n"
        f"{changes.edits} edits, {changes.deletions} deletions, {changes.repeats} events repeated; "
        f"{outages.count} outages of Slack, {runs.full_disks} full disks, "
        f"{len(runs.damages)} damaged pages with rows of {report.damaged} questions\n"
        f"{stalls}\n"
        f"every question has exactly one whole answer, after {time.monotonic() - began:.0f} s"
    )


def _result(call: RecordedCall) -> str:
    """Why a call failed; "" if it did not."""
    if call.status == 200:
        return "" if call.answer.get("ok") else call.error or "no code"
    return str(call.status) if call.status else "no answer"

"""The whole storm: people ask in bad weather, the bot lives and dies, and then it is judged."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from random import Random

from benchmarks.chaos.bot_processes import Lives
from benchmarks.chaos.crowd import Crowd
from benchmarks.chaos.faulty_model import BadModel
from benchmarks.chaos.verdict import judge
from benchmarks.environment import environment, folder
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.faults import RandomFault
from slackbot.playground.fake_slack.workspace import Workspace

WEATHER: Mapping[RandomFault, float] = {
    "rate_limited": 0.01,
    "500": 0.01,
    "503": 0.01,
    "fatal_error": 0.01,
    "reset_before": 0.02,
    "reset_after": 0.03,
    "hang": 0.02,
}


async def storm(kills: int, seed: int) -> str:
    """What happened, in a few lines. Raises AssertionError where an answer is lost or doubled."""
    began = time.monotonic()
    rng = Random(seed)  # noqa: S311 - the same seed, the same storm
    model = BadModel(rng)
    async with (
        folder() as place,
        Workspace() as workspace,
        ModelServer(answer=model.answer) as server,
    ):
        crowd = Crowd(workspace, rng)
        lives = Lives(workspace, rng, environment(workspace, server), place)
        workspace.faults.fail_randomly(rng, WEATHER)
        asking = asyncio.gather(crowd.ask(), crowd.insist())
        for _ in range(kills):
            await lives.live_and_die()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        workspace.faults.clear()
        model.is_good = True
        await lives.settle(crowd)
        verdict = await judge(crowd, lives)
    ends = ", ".join(f"{number} {name}" for name, number in sorted(lives.ends.items()))
    made = Counter(call.error or call.status for call in workspace.calls)
    return (
        f"{verdict.answered} questions, {verdict.enclosed} of them with a file, "
        f"{verdict.unacknowledged} more never acknowledged; "
        f"{len(server.requests)} requests to the model, {len(workspace.calls)} calls to Slack, "
        f"of which {len(workspace.calls) - made[200]} failed\n"
        f"{verdict.tools} tool calls, none run twice\n"
        f"{ends}; {lives.lost} sockets lost or silent; {crowd.pressed} times Try again\n"
        f"every question has exactly one whole answer, after {time.monotonic() - began:.0f} s"
    )

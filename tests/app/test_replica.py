"""Replicas that are killed, paused, have other clocks, or another workspace."""

from pathlib import Path

import pytest

from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.workspace import Workspace
from tests.app.pair import pair_of_processes
from tests.harness import BotHarness
from tests.replicas import ReplicaProcess, Replicas, over_http, replica_tasks

SHOWING = ("chat.", "assistant.", "agents.", "files.", "views.")
"""The methods that show something begin like this."""


async def test_a_replica_that_is_killed(shared: BotHarness) -> None:
    """In the middle of an answer, after SIGKILL: the other replica finishes it in its message."""
    async with pair_of_processes(shared) as pair:
        shared.model.enqueue(says("one two three").held(after=1), "one two three four")
        question = await shared.mention("count")
        (begun,) = await shared.answered(question, "one")
        await pair.owner.kill()
        (whole,) = await shared.answered(question, "one two three four")
        assert whole.ts == begun.ts
        assert (await shared.finished(question)).ts == begun.ts
        assert len(shared.model.requests) == 3


@pytest.mark.parametrize("streaming", ["edit", "native"])
async def test_a_replica_that_is_paused(shared: BotHarness, streaming: str) -> None:
    """In the middle of an answer, for longer than its lease: another replica finishes the answer.
    The first one wakes and believes that it answers; it shows nothing more, and stores nothing.
    Then it is a replica like any other.
    """
    async with pair_of_processes(shared, {"SLACKBOT_STREAMING": streaming}) as pair:
        shared.model.enqueue(says("one two three").held(after=1), "one two three four")
        question = await shared.mention("count")
        (begun,) = await shared.answered(question, "one")
        pair.owner.pause()
        await shared.finished(question)
        (whole,) = await shared.answered(question, "one two three four")
        assert whole.ts == begun.ts
        calls, versions = len(shared.workspace.calls), len(whole.versions)
        shared.model.release()  # its connection gets the rest
        pair.owner.resume()
        await shared.workspace.until(lambda: "no longer answers in" in pair.owner.log)
        shown = [call.method for call in shared.workspace.calls[calls:]]
        assert not [method for method in shown if method.startswith(SHOWING)]
        pair.deliver_to(pair.owner)
        shared.model.enqueue("five")
        await shared.workspace.say(shared.ana, shared.general, "next", thread=question.ts)
        await shared.answered(question, "one two three four", "five")
        await shared.finished(question)
        assert len(whole.versions) == versions
        await pair.other.stop()
        shared.model.enqueue("six")
        await shared.workspace.say(shared.ana, shared.general, "next", thread=question.ts)
        await shared.answered(question, "one two three four", "five", "six")


async def test_two_bots_with_one_database(shared: BotHarness, tmp_path: Path) -> None:
    """Each has the token of a workspace of its own, and answers there: none owns the other's."""
    database = {"DATABASE_URL": shared.environment["DATABASE_URL"]}
    async with Workspace() as workspace, ModelServer() as model:
        second = BotHarness(workspace, model, tmp_path)
        second.environment.update(database)
        async with (
            replica_tasks(1, over_http(shared.environment, shared.workspace), shared.workspace),
            replica_tasks(2, over_http(second.environment, workspace), workspace) as replicas,
        ):
            for harness in (shared, second):
                harness.model.enqueue("Here.")
                await harness.answered(await harness.mention("Are you there?"), "Here.")
            await replicas.stop(0)
            workspace.events_url = [f"http://127.0.0.1:{replicas[1].port}/slack/events"]
            model.enqueue("Still here.")
            await second.answered(await second.mention("And now?"), "Still here.")


async def test_clocks_that_differ(shared: BotHarness) -> None:
    """One machine's clock is an hour ahead: each of the two takes over from the other."""
    workspace, model = shared.workspace, shared.model
    ahead = {**shared.environment, "LD_PRELOAD": faketime(), "FAKETIME": "+1h"}
    async with Replicas([ReplicaProcess(ahead, workspace)], workspace) as first:
        model.enqueue("Here.")
        await shared.answered(await shared.mention("Are you there?"), "Here.")
        async with Replicas([ReplicaProcess(shared.environment, workspace)], workspace) as second:
            for owner in (first, second):
                model.enqueue(says("one two").held(after=1), "one two three")
                question = await shared.mention("count")
                (begun,) = await shared.answered(question, "one")
                await owner.stop(0)
                (whole,) = await shared.answered(question, "one two three")
                assert whole.ts == begun.ts
                await shared.finished(question)
                await owner.start(0)


def faketime() -> str:
    """The library that changes a program's clock; the test is skipped where there is none."""
    found = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    if found is None:
        pytest.skip("libfaketime is not installed (Debian: apt-get install faketime).")
    return str(found)

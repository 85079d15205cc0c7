"""The stage on which several replicas play, with one of them, as SQLite allows."""

import pytest

from slackbot.errors import ConfigError, StoreError
from slackbot.playground.fake_openai.script import says
from tests.harness import BotHarness
from tests.replicas import over_http, replica_processes, replica_tasks


async def test_a_process_that_is_killed(harness: BotHarness) -> None:
    """After SIGKILL in the middle of an answer, the next start finishes it in the same message."""
    workspace = harness.workspace
    harness.model.enqueue(says("one two three").held(after=1), "one two three four")
    async with replica_processes(1, harness.environment, workspace) as replicas:
        question = await harness.mention("count")
        await harness.answered(question, "one")
        pid = replicas[0].process.pid
        await replicas[0].kill()
        assert replicas[0].process.state == "stopped"
        await replicas.start(0)
        await harness.answered(question, "one two three four")
        assert replicas[0].process.pid != pid
    assert "slackbot has stopped" in replicas[0].log


async def test_a_process_that_is_paused(harness: BotHarness) -> None:
    """A paused replica acknowledges nothing; when it wakes it takes the event that comes again."""
    workspace = harness.workspace
    workspace.feed.ack_timeout = 0.3
    async with replica_processes(1, harness.environment, workspace) as replicas:
        replicas[0].pause()
        question = harness.mention("hello")
        harness.model.enqueue("Ahoy")
        delivered = await question
        assert not any(delivery.acknowledged for delivery in workspace.deliveries)
        replicas[0].resume()
        await workspace.redeliver(workspace.deliveries[0])
        await harness.answered(delivered, "Ahoy")


async def test_a_process_over_http(harness: BotHarness) -> None:
    """Slack is told the port of each start."""
    environment = over_http(harness.environment, harness.workspace)
    async with replica_processes(1, environment, harness.workspace) as replicas:
        urls = [harness.workspace.events_url]
        for text in ("Ahoy", "Aye"):
            harness.model.enqueue(text)
            await harness.answered(await harness.mention("hello"), text)
            await replicas.stop(0)
            await replicas.start(0)
            urls.append(harness.workspace.events_url)
        assert replicas[0].port is not None
        assert urls[-1] == f"http://127.0.0.1:{replicas[0].port}/slack/events"


async def test_a_task(harness: BotHarness) -> None:
    """A replica in the same event loop answers, stops, and starts again."""
    async with replica_tasks(1, harness.environment, harness.workspace) as replicas:
        for text in ("Ahoy", "Aye"):
            harness.model.enqueue(text)
            await harness.answered(await harness.mention("hello"), text)
            await replicas[0].service.bot.idle()
            await replicas.stop(0)
            assert replicas[0].port is None
            await replicas.start(0)


async def test_replicas_that_can_not_start(harness: BotHarness) -> None:
    """Why they can't is what the test gets to read; what did start is stopped."""
    wrong = {**harness.environment, "SLACK_BOT_TOKEN": "xoxb-wrong"}
    with pytest.raises(ExceptionGroup) as raised:
        async with replica_tasks(1, wrong, harness.workspace):
            pass
    assert raised.group_contains(ConfigError)
    with pytest.raises(ExceptionGroup) as raised:
        async with replica_processes(1, wrong, harness.workspace):
            pass
    assert raised.group_contains(AssertionError, match="SLACK_BOT_TOKEN")
    with pytest.raises(ExceptionGroup) as raised:  # two on one SQLite file
        async with replica_tasks(2, harness.environment, harness.workspace):
            pass
    assert raised.group_contains((ConfigError, StoreError))
    assert harness.workspace.connections == 0

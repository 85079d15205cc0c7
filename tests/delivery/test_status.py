"""The status and the placeholder of a reply before there is text."""

from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_slack.faults import Fault
from tests.harness import BotHarness


async def test_a_slow_status_holds_nothing_up(harness: BotHarness) -> None:
    """The first text does not wait for a status that takes long, nor is one left standing."""
    harness.workspace.faults.add("assistant.threads.setStatus", Fault.hang(3.0))
    async with harness.running():
        harness.model.enqueue(says("one two").held(after=1))
        question = await harness.mention("count")
        await harness.answered(question, "one")
        (status,) = [call for call in harness.workspace.calls if "setStatus" in call.method]
        assert status.status == 0
        harness.model.release()
        await harness.answered(question, "one two")


async def test_status_while_the_model_thinks(harness: BotHarness) -> None:
    """Until there is text the thread shows that the bot is thinking; then that is gone."""
    async with harness.running():
        harness.model.enqueue(says("one").held(after=0))
        question = await harness.mention("count")
        thread = (harness.general.id, question.ts)
        await harness.workspace.until(lambda: thread in harness.workspace.statuses)
        assert harness.workspace.statuses[thread] == "is thinking…"
        assert harness.answers(question) == []
        await harness.model.until(lambda: harness.model.open_streams == 1)
        harness.model.release()
        await harness.answered(question, "one")
        assert thread not in harness.workspace.statuses


async def test_no_status_without_a_message(harness: BotHarness) -> None:
    """Where Slack takes no message, the status does not stay."""
    for method in ("chat.postMessage", "chat.startStream"):
        harness.workspace.faults.add(method, Fault.error("restricted_action"))
    async with harness.running():
        harness.model.enqueue("one")
        question = await harness.mention("count")
        thread = (harness.general.id, question.ts)
        statuses = harness.workspace.calls
        await harness.workspace.until(
            lambda: [c.args["status"] for c in statuses if "setStatus" in c.method][1:] == [""]
        )
        await harness.workspace.until(lambda: thread not in harness.workspace.statuses)


async def test_placeholder_where_there_is_no_status(harness: BotHarness) -> None:
    """Where Slack refuses the status a placeholder is posted, which becomes the reply."""
    harness.workspace.faults.add("assistant.threads.setStatus", Fault.error("missing_scope"))
    async with harness.running():
        harness.model.enqueue(says("one").held(after=0))
        question = await harness.mention("count")
        (placeholder,) = await harness.answered(question, "_Thinking…_")
        await harness.model.until(lambda: harness.model.open_streams == 1)
        harness.model.release()
        (answer,) = await harness.answered(question, "one")
    assert answer is placeholder

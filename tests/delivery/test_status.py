"""What stands in a reply's place before there is text."""

from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_slack.faults import Fault
from tests.harness import Stage


async def test_a_slow_status_holds_nothing_up(stage: Stage) -> None:
    """The first text does not wait for a status that takes long, nor is one left standing."""
    stage.workspace.faults.add("assistant.threads.setStatus", Fault.hang(3.0))
    async with stage.playing():
        stage.model.enqueue(says("one two").held(after=1))
        question = await stage.mention("count")
        await stage.answered(question, "one")
        (status,) = [call for call in stage.workspace.calls if "setStatus" in call.method]
        assert status.status == 0
        stage.model.release()
        await stage.answered(question, "one two")


async def test_status_while_the_model_thinks(stage: Stage) -> None:
    """Until there is text the thread shows that the bot is thinking; then that is gone."""
    async with stage.playing():
        stage.model.enqueue(says("one").held(after=0))
        question = await stage.mention("count")
        thread = (stage.general.id, question.ts)
        await stage.workspace.until(lambda: thread in stage.workspace.statuses)
        assert stage.workspace.statuses[thread] == "is thinking…"
        assert stage.answers(question) == []
        await stage.model.until(lambda: stage.model.open_streams == 1)
        stage.model.release()
        await stage.answered(question, "one")
        assert thread not in stage.workspace.statuses


async def test_no_status_without_a_message(stage: Stage) -> None:
    """Where Slack takes no message, the status does not stay."""
    stage.workspace.faults.add("chat.postMessage", Fault.error("restricted_action"))
    async with stage.playing():
        stage.model.enqueue("one")
        question = await stage.mention("count")
        thread = (stage.general.id, question.ts)
        statuses = stage.workspace.calls
        await stage.workspace.until(
            lambda: [c.args["status"] for c in statuses if "setStatus" in c.method][1:] == [""]
        )
        await stage.workspace.until(lambda: thread not in stage.workspace.statuses)


async def test_placeholder_where_there_is_no_status(stage: Stage) -> None:
    """Where Slack refuses the status a placeholder is posted, which becomes the reply."""
    stage.workspace.faults.add("assistant.threads.setStatus", Fault.error("missing_scope"))
    async with stage.playing():
        stage.model.enqueue(says("one").held(after=0))
        question = await stage.mention("count")
        (placeholder,) = await stage.answered(question, "_Thinking…_")
        await stage.model.until(lambda: stage.model.open_streams == 1)
        stage.model.release()
        (answer,) = await stage.answered(question, "one")
    assert answer is placeholder

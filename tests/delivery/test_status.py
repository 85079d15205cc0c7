"""The status and the placeholder of a reply before there is text."""

import pytest

from slackbot.delivery import status
from slackbot.playground.fake_openai.script import fails, says
from slackbot.playground.fake_slack.faults import Fault
from tests.delivery.transports import IN_BOTH
from tests.harness import BotHarness


async def test_a_slow_status_holds_nothing_up(harness: BotHarness) -> None:
    """The first text does not wait for a status that takes long, nor is one left standing."""
    harness.workspace.faults.add("assistant.threads.setStatus", Fault.hang(3.0))
    async with harness.running():
        harness.model.enqueue(says("one two").held(after=1))
        question = await harness.mention("count")
        await harness.answered(question, "one")
        (call,) = [call for call in harness.workspace.calls if "setStatus" in call.method]
        assert call.status == 0
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


LOADING = fails(503, "Loading model", type="unavailable_error", retry_after=0.01)


async def test_status_while_the_model_starts(harness: BotHarness) -> None:
    """While a server loads the model the thread says so, and after that what it always says."""
    harness.model.answer = lambda _: LOADING
    async with harness.running():
        question = await harness.mention("count")
        thread = (harness.general.id, question.ts)
        status = harness.workspace.statuses.get
        starting = "is waiting for the model to start…"
        await harness.workspace.until(lambda: status(thread) == starting)
        harness.model.answer = lambda _: says("one")
        await harness.answered(question, "one")
        assert thread not in harness.workspace.statuses


async def test_a_placeholder_while_the_model_starts(harness: BotHarness) -> None:
    """Where Slack accepts no status, the placeholder says it, and becomes the answer."""
    harness.workspace.faults.add("assistant.threads.setStatus", Fault.error("restricted_action"))
    harness.model.answer = lambda _: LOADING
    async with harness.running():
        question = await harness.mention("count")
        await harness.answered(question, "_Waiting for the model to start…_")
        harness.model.answer = lambda _: says("one")
        await harness.answered(question, "one")


async def test_stopping_the_wait_for_a_model(harness: BotHarness) -> None:
    """Who stops waiting for a model that loads gets its request ended at once."""
    harness.model.enqueue(says("one").loading())
    async with harness.running():
        question = await harness.mention("count")
        await harness.model.until(lambda: harness.model.open_streams == 1)
        await harness.slacks_stop(harness.ana, question)
        await harness.model.until(lambda: harness.model.streams[0].cancelled)


@pytest.mark.parametrize(
    "fault", [Fault.rate_limited(1), Fault.status(503), Fault.reset_before()], ids=repr
)
async def test_a_status_that_fails_is_tried_again(harness: BotHarness, fault: Fault) -> None:
    """One refusal for a while, or one lost connection, is not the end of the status."""
    harness.workspace.faults.add("assistant.threads.setStatus", fault)
    async with harness.running():
        harness.model.enqueue(says("one").held(after=0))
        question = await harness.mention("count")
        thread = (harness.general.id, question.ts)
        await harness.workspace.until(lambda: thread in harness.workspace.statuses)
        assert harness.answers(question) == []
        await harness.model.until(lambda: harness.model.open_streams == 1)
        harness.model.release()
        await harness.answered(question, "one")


@pytest.mark.parametrize("fault", [Fault.rate_limited(1), Fault.status(503)], ids=repr)
async def test_a_place_in_the_queue_that_fails_is_tried_again(
    harness: BotHarness, fault: Fault
) -> None:
    """Those who wait learn it, though Slack failed at first."""
    async with harness.running({"SLACKBOT_MAX_REPLIES": "1"}):
        harness.model.enqueue(says("one").held(after=1), "two")
        first = await harness.mention("count")
        await harness.answered(first, "one")
        harness.workspace.faults.add("assistant.threads.setStatus", fault)
        second = await harness.mention("count on")
        thread = (harness.general.id, second.ts)
        await harness.workspace.until(lambda: thread in harness.workspace.statuses)
        harness.model.release()
        await harness.answered(second, "two")


async def test_the_status_comes_first(harness: BotHarness) -> None:
    """The thread shows that the bot is thinking while Slack is still asked what was said before."""
    root = await harness.said_before(harness.ben, "before")
    harness.workspace.faults.add("conversations.replies", Fault.hang())
    async with harness.running():
        harness.model.enqueue("one")
        await harness.mention("count", thread=root.ts)
        thread = (harness.general.id, root.ts)
        await harness.workspace.until(lambda: thread in harness.workspace.statuses)
        await harness.workspace.until(lambda: harness.workspace.held_calls)
        assert harness.model.requests == []
        harness.workspace.release_calls()
        await harness.answered(root, "one")


async def test_no_answer_waits_for_a_name(harness: BotHarness) -> None:
    """While Slack does not say who asks, the answer comes without the name; the next one has it."""
    harness.workspace.faults.add("users.info", Fault.hang())
    async with harness.running():
        harness.model.enqueue("one", "two")
        question = await harness.mention("count")
        await harness.answered(question, "one")
        assert len(harness.workspace.held_calls) == 1
        harness.workspace.release_calls()
        await harness.mention("and now?", thread=question.ts)
        await harness.answered(question, "one", "two")
    names = [name for role, name, _ in harness.history() if role == "user"]
    assert names == [harness.ana.id, "Ana"]


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


@pytest.mark.parametrize(
    "fault", [Fault.rate_limited(600), Fault.hang(), Fault.reset_before()], ids=repr
)
@IN_BOTH
async def test_placeholder_where_the_status_is_missing_for_long(
    harness: BotHarness, monkeypatch: pytest.MonkeyPatch, streaming: str, fault: Fault
) -> None:
    """Nobody waits for a slow model without a sign: after a while there is a placeholder instead of
    a status that Slack puts off, or does not answer. It becomes the reply.
    """
    monkeypatch.setattr(status, "MISSING_STATUS_SECONDS", 0.3)
    harness.workspace.faults.add("assistant.threads.setStatus", fault, times=99)
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(says("one").held(after=0))
        question = await harness.mention("count")
        (placeholder,) = await harness.answered(question, "_Thinking…_")
        await harness.model.until(lambda: harness.model.open_streams == 1)
        harness.model.release()
        (answer,) = await harness.answered(question, "one")
        harness.workspace.release_calls()
    assert answer is placeholder


async def test_placeholder_once_the_status_is_gone(
    harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slack removes a status in the end: where it takes no other one, there is a placeholder."""
    monkeypatch.setattr(status, "STATUS_REFRESH_SECONDS", 0.1)
    monkeypatch.setattr(status, "STATUS_SECONDS", 0.5)
    async with harness.running():
        harness.model.enqueue(says("one").held(after=0))
        question = await harness.mention("count")
        thread = (harness.general.id, question.ts)
        await harness.workspace.until(lambda: thread in harness.workspace.statuses)
        harness.workspace.faults.add(
            "assistant.threads.setStatus", Fault.rate_limited(600), times=99
        )
        await harness.answered(question, "_Thinking…_")
        await harness.model.until(lambda: harness.model.open_streams == 1)
        harness.model.release()
        await harness.answered(question, "one")

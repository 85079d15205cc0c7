"""Changes count in the order in which people made them, however Slack delivers them."""

import asyncio

import pytest

from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.members import Person
from slackbot.playground.fake_slack.messages import PostedMessage
from tests.harness import BotHarness, echo
from tests.store.faults import write_locked


@pytest.fixture
def harness(harness: BotHarness) -> BotHarness:
    harness.model.answer = echo
    return harness


def said(harness: BotHarness) -> list[str]:
    """Returns the messages of the last request after the developer message."""
    return [content for *_, content in harness.history()]


async def edit(harness: BotHarness, message: PostedMessage, text: str) -> None:
    """Ana edits what she said to the bot."""
    await harness.workspace.edit(harness.ana, message, f"{harness.bot.mention} {text}")


async def begin(harness: BotHarness) -> PostedMessage:
    """Ana's question whose answer stands still until the model is released."""
    harness.model.enqueue(says("one two.").held(after=1))
    root = await harness.mention("count")
    await harness.answered(root, "one")
    return root


async def edit_twice(harness: BotHarness, question: PostedMessage, named: Person) -> None:
    """A first edit names somebody whom Slack is slow to look up; a second one follows at once."""
    workspace = harness.workspace
    workspace.faults.add("users.info", Fault.delay(), when=lambda args: args["user"] == named.id)
    first = asyncio.create_task(edit(harness, question, f"ask {named.mention}"))
    await workspace.until(lambda: workspace.held_calls)
    await edit(harness, question, "two")
    workspace.release_calls()
    await first


async def test_a_slow_edit_of_an_answered_question(harness: BotHarness) -> None:
    """A second edit wins over a first one that takes long to read."""
    cara = harness.workspace.add_person("Cara")
    async with harness.running():
        question = await harness.mention("one")
        await harness.answered(question, "To: one.")
        await harness.service.bot.idle()
        await edit_twice(harness, question, cara)
        await harness.service.bot.idle()
        await harness.mention("three", thread=question.ts)
        await harness.answered(question, "To: two.", "To: three.")
    assert said(harness) == ["two", "To: two.", "three"]


async def test_a_slow_edit_of_a_waiting_question(harness: BotHarness) -> None:
    """A second edit wins over a first one that takes long to read, while the question waits."""
    cara = harness.workspace.add_person("Cara")
    async with harness.running():
        root = await begin(harness)
        question = await harness.mention("one", thread=root.ts)
        await edit_twice(harness, question, cara)
        harness.model.release()
        await harness.answered(root, "one two.", "To: two.")
    assert said(harness) == ["count", "one two.", "two"]


@pytest.mark.parametrize("message_first", [True, False])
@pytest.mark.parametrize("change", ["edit", "deletion"])
async def test_a_change_while_the_store_is_busy(
    harness: BotHarness, change: str, *, message_first: bool
) -> None:
    """A question and its edit, or its deletion, that arrive while nothing can be stored, in either
    order: the new text is answered, and a deleted question is not.
    """
    workspace = harness.workspace
    async with harness.running():
        async with workspace.hold_events() as held:
            question = await harness.mention("one")
            if change == "edit":
                await edit(harness, question, "two")
            else:
                await workspace.delete(harness.ana, question)
            async with asyncio.TaskGroup() as deliveries:
                with write_locked(harness.environment["DATABASE_URL"]):
                    for delivery in held if message_first else reversed(held):
                        deliveries.create_task(workspace.release(delivery))
                    await harness.all_received()
        await harness.settled()
        expected = ["two"] if change == "edit" else []
        assert [
            request["messages"][-1]["content"] for request in harness.model.requests
        ] == expected
        assert [each.shown for each in harness.answers(question)] == [
            f"To: {text}." for text in expected
        ]


async def test_an_older_edit_again(harness: BotHarness) -> None:
    """An older edit that Slack delivers again changes nothing."""
    async with harness.running():
        question = await harness.mention("one")
        await harness.answered(question, "To: one.")
        older = await harness.workspace.edit(harness.ana, question, f"{harness.bot.mention} two")
        await edit(harness, question, "three")
        await harness.answered(question, "To: three.")
        await harness.service.bot.idle()
        for delivery in older:
            await harness.workspace.redeliver(delivery)
        await harness.service.bot.idle()
        await harness.mention("four", thread=question.ts)
        await harness.answered(question, "To: three.", "To: four.")
    assert said(harness) == ["three", "To: three.", "four"]


async def test_an_older_edit_of_a_waiting_question_again(harness: BotHarness) -> None:
    """An older edit that Slack delivers again changes nothing while the question waits."""
    async with harness.running():
        root = await begin(harness)
        question = await harness.mention("one", thread=root.ts)
        older = await harness.workspace.edit(harness.ana, question, f"{harness.bot.mention} two")
        await edit(harness, question, "three")
        for delivery in older:
            await harness.workspace.redeliver(delivery)
        harness.model.release()
        await harness.answered(root, "one two.", "To: three.")


async def test_an_edit_before_its_message(harness: BotHarness) -> None:
    """An edit that arrives before its message is answered, and the late message changes nothing."""
    async with harness.running():
        async with harness.workspace.hold_events() as held:
            question = await harness.mention("one")
            await edit(harness, question, "two")
            await harness.workspace.release(held[-1])
        await harness.settled()
        await harness.mention("three", thread=question.ts)
        await harness.answered(question, "To: two.", "To: three.")
    assert said(harness) == ["two", "To: two.", "three"]


async def test_a_late_message_between_two_edits(harness: BotHarness) -> None:
    """A message that arrives between its own two edits does not undo the first of them."""
    async with harness.running():
        root = await begin(harness)
        async with harness.workspace.hold_events() as held:
            question = await harness.mention("one", thread=root.ts)
            await edit(harness, question, "two")
            await edit(harness, question, "three")
            first_edit, second_edit = held[-2:]
            await harness.workspace.release(second_edit)
            for delivery in held[:-2]:
                await harness.workspace.release(delivery)
            await harness.workspace.release(first_edit)
        harness.model.release()
        await harness.answered(root, "one two.", "To: three.")


async def test_a_deletion_before_its_message(harness: BotHarness) -> None:
    """A question whose deletion arrives before it is not answered."""
    async with harness.running():
        async with harness.workspace.hold_events() as held:
            question = await harness.mention("one")
            await harness.workspace.delete(harness.ana, question)
            await harness.workspace.release(held[-1])
        await harness.settled()
    assert not harness.answers(question)
    assert not harness.model.requests


async def test_a_deletion_before_its_message_in_a_thread(harness: BotHarness) -> None:
    """A follow-up whose deletion arrives before it is not answered."""
    async with harness.running():
        root = await harness.mention("one")
        await harness.answered(root, "To: one.")
        async with harness.workspace.hold_events() as held:
            question = await harness.workspace.say(
                harness.ana, harness.general, "two", thread=root.ts
            )
            await harness.workspace.delete(harness.ana, question)
            await harness.workspace.release(held[-1])
        await harness.settled()
    assert [each.shown for each in harness.answers(root)] == ["To: one."]
    assert len(harness.model.requests) == 1


@pytest.mark.parametrize("answered", [True, False])
async def test_a_message_again_after_its_deletion(harness: BotHarness, *, answered: bool) -> None:
    """A message that Slack delivers again after its deletion is not answered."""
    async with harness.running():
        root = await begin(harness)
        question = await harness.mention("one", thread=root.ts)
        if answered:
            harness.model.release()
            await harness.answered(root, "one two.", "To: one.")
        await harness.workspace.delete(harness.ana, question)
        requests = len(harness.model.requests)
        for delivery in list(harness.workspace.deliveries):
            if delivery.event.get("ts") == question.ts:
                await harness.workspace.redeliver(delivery)
        harness.model.release()
        await harness.settled()
    assert len(harness.model.requests) == requests

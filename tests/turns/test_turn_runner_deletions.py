"""Messages of an answer are deleted while it grows: what is left is finished, or gone."""

from collections.abc import Mapping
from itertools import count
from typing import Any

import pytest

from slackbot.delivery.texts import WITHDRAWN
from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_slack.faults import Fault
from tests.delivery.transports import IN_BOTH, OPENING
from tests.harness import BotHarness, buttons

TWO_MESSAGES = " ".join(f"word{number}" for number in range(2_000))


def after_the_first(_: Mapping[str, Any], calls: "count[int]") -> bool:
    """Whether a call is not the first of its method."""
    return next(calls) > 0


@pytest.mark.parametrize("fault", [Fault.reset_after(), Fault.hang()], ids=["lost", "slow"])
@OPENING
async def test_the_first_is_deleted_while_the_second_is_posted(
    harness: BotHarness, fault: Fault, streaming: str, method: str
) -> None:
    """Nothing is left of the answer, whether or not Slack's answer to the post arrives."""
    calls = count()
    harness.workspace.faults.add(method, fault, when=lambda args: after_the_first(args, calls))
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(says(TWO_MESSAGES).held(after=1_900))
        question = await harness.mention("tell me all")
        await harness.workspace.until(lambda: len(harness.answers(question)) == 2)
        await harness.workspace.delete(harness.bot, harness.answers(question)[0])
        harness.workspace.release_calls()
        await harness.settled()
        assert harness.answers(question) == []
    assert not harness.workspace.faults.pending


@OPENING
async def test_a_message_is_deleted_before_the_bot_knows_it(
    harness: BotHarness, streaming: str, method: str
) -> None:
    """The deletion arrives before the answer to the post: the bot learns of it all the same, and
    neither this run nor the next posts the answer again.
    """
    harness.workspace.faults.add(method, Fault.hang())
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(says("one two three").held(after=1))
        question = await harness.mention("count")
        (answer,) = await harness.answered(question, "one")
        await harness.workspace.delete(harness.bot, answer)
        await harness.mention("and on", thread=question.ts)
        harness.workspace.release_calls()
        harness.model.enqueue("four")
        await harness.answered(question, "four")
        await harness.settled()
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        await harness.service.bot.idle()
    assert [each.shown for each in harness.answers(question)] == ["four"]


@IN_BOTH
async def test_a_message_that_slack_does_not_delete(harness: BotHarness, streaming: str) -> None:
    """The answer to a deleted question says that it no longer counts, and has no buttons."""
    harness.workspace.faults.add(
        "chat.delete", Fault.error("compliance_exports_prevent_deletion"), times=99
    )
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(says("one two three").held(after=1))
        question = await harness.mention("count")
        await harness.answered(question, "one")
        await harness.workspace.delete(harness.ana, question)
        (left,) = await harness.answered(question, WITHDRAWN)
        await harness.service.bot.idle()
    assert buttons(left) == {}
    assert not harness.workspace.streams.is_open(left)

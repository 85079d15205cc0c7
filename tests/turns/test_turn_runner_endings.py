"""Whatever ends an answer, at whatever moment: no message keeps a button that does nothing."""

from collections.abc import Awaitable, Callable, Mapping

import pytest

from slackbot.conversation.ids import ChannelId, TeamId, Ts
from slackbot.conversation.messages import ThreadKey
from slackbot.playground.fake_openai.script import calls, says
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.slack.buttons import STOP
from slackbot.store import open_store
from tests.harness import BotHarness, buttons, echo

LONG = " ".join(f"word{number}" for number in range(2_000))

Moment = Callable[[BotHarness], Awaitable[PostedMessage]]
Act = Callable[[BotHarness, PostedMessage], Awaitable[object]]


async def growing(harness: BotHarness) -> PostedMessage:
    """People see the beginning of an answer."""
    harness.model.enqueue(says("one two").held(after=1))
    question = await harness.mention("a?")
    await harness.answered(question, "one")
    return question


async def posting(harness: BotHarness) -> PostedMessage:
    """Slack takes long for the first message, so nothing of it is stored."""
    for method in ("chat.postMessage", "chat.startStream"):
        harness.workspace.faults.add(method, Fault.delay())
    harness.model.enqueue(says("one two").held(after=1))
    question = await harness.mention("a?")
    await harness.workspace.until(lambda: harness.workspace.held_calls)
    return question


async def posted_in_silence(harness: BotHarness) -> PostedMessage:
    """The first message is in Slack, which has not said so yet."""
    for method in ("chat.postMessage", "chat.startStream"):
        harness.workspace.faults.add(method, Fault.hang())
    return await growing(harness)


async def updating(harness: BotHarness) -> PostedMessage:
    """Slack takes long for the next step of a message."""
    for method in ("chat.update", "chat.appendStream"):
        harness.workspace.faults.add(method, Fault.delay())
    harness.model.enqueue(says("one two three").paced(0.05).held(after=2))
    question = await harness.mention("a?")
    await harness.workspace.until(lambda: harness.workspace.held_calls)
    return question


async def on_two_pages(harness: BotHarness) -> PostedMessage:
    """The answer has two messages."""
    harness.model.enqueue(says(LONG).held(after=1_900))
    question = await harness.mention("a?")
    await harness.workspace.until(lambda: len(harness.answers(question)) == 2)
    return question


async def asking(harness: BotHarness) -> PostedMessage:
    """A person has to approve a tool."""
    harness.model.enqueue(calls("sink", '{"ship": "Ann"}'))
    question = await harness.mention("a?")
    await harness.workspace.until(
        lambda: any("confirm" in buttons(each) for each in harness.answers(question))
    )
    return question


async def regenerating(harness: BotHarness) -> PostedMessage:
    """An answer is written again."""
    harness.model.enqueue("Aye.", says("one two").held(after=1))
    question, _ = await harness.ask("a?")
    await harness.press(harness.ana, question, "again")
    await harness.answered(question, "one")
    return question


async def regenerating_two_pages(harness: BotHarness) -> PostedMessage:
    """A long answer is written again, and is short so far."""
    harness.model.enqueue(LONG, says("one two").held(after=1))
    question = await harness.mention("a?")
    await harness.workspace.until(lambda: len(harness.answers(question)) == 2)
    await harness.press(harness.ana, question, "again")
    await harness.workspace.until(lambda: harness.answers(question)[0].shown == "one")
    return question


async def paused(harness: BotHarness) -> PostedMessage:
    """The question was edited again and again."""
    harness.model.enqueue(*(says("one two").held(after=1) for _ in range(2)))
    question = await harness.mention("a?")
    await harness.answered(question, "one")
    await edit(harness, question)
    await harness.model.until(lambda: len(harness.model.requests) == 2)
    await edit(harness, question)
    return question


async def edit(harness: BotHarness, question: PostedMessage) -> None:
    number = len(question.versions)
    await harness.workspace.edit(harness.ana, question, f"{harness.bot.mention} a{number}?")


async def delete(harness: BotHarness, question: PostedMessage) -> None:
    await harness.workspace.delete(harness.ana, question)


async def stop(harness: BotHarness, question: PostedMessage) -> None:
    shown = [each for each in harness.answers(question) if "stop" in buttons(each)]
    if shown:
        await harness.workspace.click(harness.ana, shown[-1], STOP)
    else:
        await harness.slacks_stop(harness.ana, question)


async def edit_and_stop(harness: BotHarness, question: PostedMessage) -> None:
    await edit(harness, question)
    await stop(harness, question)


MOMENTS: Mapping[str, Moment] = {
    each.__name__: each
    for each in (
        growing,
        posting,
        posted_in_silence,
        updating,
        on_two_pages,
        asking,
        regenerating,
        regenerating_two_pages,
        paused,
    )
}

ACTS: Mapping[str, Act] = {each.__name__: each for each in (edit, delete, stop, edit_and_stop)}

IN_A_STREAM = ("growing", "posting", "updating", "asking")
"""The moments that a stream has, too: an answer is written again by edits."""

WAYS = [(each, "edit") for each in MOMENTS] + [(each, "native") for each in IN_A_STREAM]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(("moment", "streaming"), WAYS)
async def test_what_is_left_has_ended(
    harness: BotHarness, moment: str, act: str, streaming: str
) -> None:
    """What Slack shows are the messages of the stored turns, and none of them can be stopped or
    waits for anybody.
    """
    harness.model.answer = echo
    settings = {"SLACKBOT_TOOLS": "tests.tools.sample_tools", "SLACKBOT_STREAMING": streaming}
    async with harness.running(settings):
        question = await MOMENTS[moment](harness)
        harness.workspace.faults.clear()
        await ACTS[act](harness, question)
        harness.workspace.release_calls()
        await harness.settled()
        await harness.settled()  # deletions by the bot are events, too
    shown = [each for each in harness.answers(question) if not each.deleted]
    assert not any(buttons(each).keys() & {"stop", "confirm", "decline"} for each in shown)
    store = await open_store(harness.environment["DATABASE_URL"])
    assert not await store.unanswered()
    team, channel = TeamId(harness.workspace.team.team_id), ChannelId(question.channel)
    turns = (await store.load(ThreadKey(team, channel, Ts(question.ts)))).turns
    await store.close()
    assert [ts for turn in turns for ts in turn.reply_ts] == [each.ts for each in shown]
    assert not shown or "again" in buttons(shown[-1])
    assert bool(shown) == (act != "delete")

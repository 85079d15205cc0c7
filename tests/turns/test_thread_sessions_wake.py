"""Threads that an earlier process left unfinished are taken up without a standstill."""

import asyncio
from pathlib import Path

from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.inbox_events import MessageReceived
from slackbot.conversation.messages import Message, ThreadKey
from slackbot.playground.fake_slack.messages import new_version
from slackbot.store import open_store
from slackbot.turns.bot import Bot
from slackbot.turns.thread_sessions import WOKEN_TOGETHER, ThreadSessions
from tests.harness import BotHarness
from tests.turns.session_harness import ME, SessionHarness

UNFINISHED = 2 * WOKEN_TOGETHER


async def test_a_few_at_a_time(tmp_path: Path) -> None:
    """However many threads wait, a start wakes only a few in one turn of the event loop."""
    harness = SessionHarness(f"sqlite:///{tmp_path / 'slackbot.db'}")
    await harness.start()
    for number in range(UNFINISHED):
        ts = Ts(f"{1000 + number}.000000")
        thread = ThreadKey(TeamId("T1"), ChannelId("C1"), ts)
        await harness.store.append(
            MessageReceived(Message(thread, ts, UserId("UANN"), f"<@{ME}> hello")), opens=True
        )
    sessions = ThreadSessions(harness.services)
    bot = Bot(ME, harness.store, sessions)
    bot.resume(await harness.store.unanswered())
    await asyncio.sleep(0)
    assert bot.is_busy()
    assert sessions.busy == WOKEN_TOGETHER + 1, "the task that wakes them, and the first"
    await bot.close(0.0)
    assert not bot.is_busy()
    await harness.end()


async def test_all_of_them_in_the_end(harness: BotHarness) -> None:
    """All threads that wait at a start are answered, and the bot is busy until then."""
    workspace, text = harness.workspace, f"{harness.bot.mention} hello"
    store = await open_store(harness.environment["DATABASE_URL"])
    questions = []
    for _ in range(UNFINISHED):
        question = workspace.post(harness.ana, harness.general, new_version(text))
        team, channel = TeamId(workspace.team.team_id), ChannelId(question.channel)
        thread = ThreadKey(team, channel, Ts(question.ts))
        message = Message(thread, thread.ts, UserId(harness.ana.id), text)
        await store.append(MessageReceived(message), opens=True)
        questions.append(question)
    await store.close()
    harness.model.enqueue(*["Aye."] * UNFINISHED)
    async with harness.running():
        await harness.service.bot.idle()
    for question in questions:
        assert [each.shown for each in harness.answers(question)] == ["Aye."]

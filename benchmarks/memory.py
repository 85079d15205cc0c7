"""Measures the bot's memory: with stored threads, and for each reply in flight.

uv run python -m benchmarks.memory
"""

import asyncio
from pathlib import Path

from benchmarks.environment import answers, resident_mib, running_bot, temporary_folder
from slackbot.conversation.history import Answer, Conversation, Turn, UserMessage
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.inbox_events import MessageReceived
from slackbot.conversation.messages import Message, QueuedMessage, ThreadKey
from slackbot.playground.fake_openai.script import Script, says
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.store import open_store

TURNS_PER_THREAD = 20
"""Turns in each stored thread, of about 2 KB each."""

PEOPLE_COUNT = 10
"""Each has a channel of their own, as replies are shared fairly among people and channels."""

REPLIES_IN_FLIGHT = 100
WORDS = 300


def main() -> None:
    print("| stored threads | resident | with 100 replies in flight | for each reply |")
    print("| --- | --- | --- | --- |")
    for threads in (0, 100, 1_000):
        asyncio.run(measure(threads))


async def measure(threads: int) -> None:
    async with (
        temporary_folder() as folder,
        Workspace() as workspace,
        ModelServer(answer=answer) as model,
    ):
        await store_threads(folder, workspace.team.team_id, threads)
        async with running_bot(workspace, model, folder) as pid:
            people = [workspace.add_person(f"Ana {number}") for number in range(PEOPLE_COUNT)]
            channels = [workspace.add_channel(f"c{each.id}", members=[each]) for each in people]
            first = await workspace.say(people[0], channels[0], f"{workspace.bot.mention} begin")
            await workspace.until(lambda: bool(answers(workspace, first)))
            model.release()
            idle = resident_mib(pid)
            for number in range(REPLIES_IN_FLIGHT):
                here = number % PEOPLE_COUNT
                said = f"{workspace.bot.mention} {number}"
                await workspace.say(people[here], channels[here], said)
            await model.until(lambda: model.open_streams == REPLIES_IN_FLIGHT, 60.0)
            await model.until(
                lambda: all(stream.sent >= WORDS for stream in model.streams if stream.open), 60.0
            )
            busy = resident_mib(pid)
    each = (busy - idle) * 1024 / REPLIES_IN_FLIGHT
    print(f"| {threads:,} | {idle:.0f} MiB | {busy:.0f} MiB | {each:.0f} KiB |", flush=True)


async def store_threads(folder: Path, team: str, threads: int) -> None:
    """Creates a database with this many threads."""
    store = await open_store(f"sqlite:///{folder / 'slackbot.db'}")
    turn = Turn((UserMessage("Ana", "question " * 100),), Answer("answer " * 150))
    for number in range(threads):
        thread = ThreadKey(TeamId(team), ChannelId("C1"), Ts(f"{number}.000001"))
        message = Message(thread, thread.ts, UserId("U1"), "question")
        await store.append(MessageReceived(message), opens=True)
        (event,) = await store.events(message.thread)
        await store.receive(message.thread, event.number, message)
        conversation = Conversation((turn,) * TURNS_PER_THREAD, names={UserId("U1"): "Ana"})
        await store.commit(thread, conversation, TURNS_PER_THREAD, [QueuedMessage(message)])
    await store.close()


def answer(_: dict[str, object]) -> Script:
    """Returns an answer that pauses before its end, so that the reply stays in flight."""
    return says("word " * WORDS + "end").held(after=WORDS)


if __name__ == "__main__":
    main()

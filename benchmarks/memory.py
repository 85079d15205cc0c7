"""What the bot keeps in memory: with stored threads, and for each reply in flight.

uv run python -m benchmarks.memory
"""

import asyncio
from pathlib import Path

from benchmarks.environment import answers, bot, folder, resident_mib
from slackbot.conversation.history import Answer, Conversation, Turn, UserMessage
from slackbot.conversation.messages import Message, QueuedMessage, ThreadKey
from slackbot.playground.fake_openai.script import Script, says
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.store import open_store

TURNS = 20
"""Turns in each stored thread, of about 2 KB each."""

PEOPLE = 10
"""Each in a channel of their own: no person and no channel may have all replies."""

IN_FLIGHT = 100
WORDS = 300


def main() -> None:
    print("| stored threads | resident | with 100 replies in flight | for each of them |")
    print("| --- | --- | --- | --- |")
    for threads in (0, 100, 1_000):
        asyncio.run(measure(threads))


async def measure(threads: int) -> None:
    async with (
        folder() as place,
        Workspace() as workspace,
        ModelServer(answer=answer) as model,
    ):
        await fill(place, workspace.team.team_id, threads)
        async with bot(workspace, model, place) as pid:
            people = [workspace.add_person(f"Ana {number}") for number in range(PEOPLE)]
            channels = [workspace.add_channel(f"c{each.id}", members=[each]) for each in people]
            first = await workspace.say(people[0], channels[0], f"{workspace.bot.mention} begin")
            await workspace.until(lambda: bool(answers(workspace, first)))
            model.release()
            idle = resident_mib(pid)
            for number in range(IN_FLIGHT):
                here = number % PEOPLE
                said = f"{workspace.bot.mention} {number}"
                await workspace.say(people[here], channels[here], said)
            await model.until(lambda: model.open_streams == IN_FLIGHT, 60.0)
            await model.until(
                lambda: all(stream.sent >= WORDS for stream in model.streams if stream.open), 60.0
            )
            busy = resident_mib(pid)
    each = (busy - idle) * 1024 / IN_FLIGHT
    print(f"| {threads:,} | {idle:.0f} MiB | {busy:.0f} MiB | {each:.0f} KiB |", flush=True)


async def fill(place: Path, team: str, threads: int) -> None:
    """A database with so many threads."""
    store = await open_store(f"sqlite:///{place / 'slackbot.db'}")
    turn = Turn((UserMessage("Ana", "question " * 100),), Answer("answer " * 150))
    for number in range(threads):
        thread = ThreadKey(team, "C1", f"{number}.000001")
        message = Message(thread, thread.ts, "U1", "question")
        await store.claim(message, opens=True)
        talk = Conversation((turn,) * TURNS, names={"U1": "Ana"})
        await store.commit(thread, talk, TURNS, [QueuedMessage(message)])
    await store.close()


def answer(_: dict[str, object]) -> Script:
    """Stands still before its end, so that the reply stays in flight."""
    return says("word " * WORDS + "end").held(after=WORDS)


if __name__ == "__main__":
    main()

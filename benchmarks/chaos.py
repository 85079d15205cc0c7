"""Kills, restarts, lost sockets, a bad Slack and a bad model: is every question answered once?

    uv run python -m benchmarks.chaos [--kills 1000] [--seed 1]

The real `slackbot serve` is killed at random instants while people ask in channels, threads and
direct messages, and Slack and the model fail at random. Then the weather clears, people press Try
again where they were told to, and every question that was acknowledged must have exactly one
whole answer, in Slack and in the history alike, and no message of the bot's may stand beside. Tools
are used on the way: no call may be run twice, and each has its result in the history.
"""

import argparse
import asyncio
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from itertools import count
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from typing import Any

from benchmarks import log_book
from benchmarks.ground import answers, environment, folder
from slackbot import marks
from slackbot.__main__ import serve
from slackbot.conversation import Conversation, ThreadKey
from slackbot.playground.faults import Weather
from slackbot.playground.messages import PostedMessage, elements
from slackbot.playground.model_server import ModelServer
from slackbot.playground.script import Refusal, Script, calls, calls_together, fails, says
from slackbot.playground.workspace import Workspace
from slackbot.slack.buttons import PREFIX
from slackbot.store import open_store

PEOPLE, CHANNELS = 5, 4

WEATHER: Mapping[Weather, float] = {
    "rate_limited": 0.01,
    "500": 0.01,
    "503": 0.01,
    "fatal_error": 0.01,
    "reset_before": 0.02,
    "reset_after": 0.03,
    "hang": 0.02,
}

BAD_ANSWERS = 0.15
"""How many of the model's answers fail."""

LIFE = 1.5
"""Seconds after which a run is killed at the latest."""

CALLS = 24
"""Calls to Slack after which a run is killed at the latest: most kills come right after one."""

LONG = 11
"""Every such question has an answer that takes two messages."""

TOOLS = 0.3
"""How often the model uses tools before it answers, or before it uses others."""

SETTLING = 300.0
"""Seconds in which all is answered once the weather has cleared."""

FORKS = get_context("forkserver")
"""Runs begin as forks of a process that has imported the bot already."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(asyncio.run(chaos(options.kills, options.seed)))


async def chaos(kills: int, seed: int) -> str:
    """What happened, in a few lines. Raises AssertionError where an answer is lost or doubled."""
    FORKS.set_forkserver_preload(["__main__", "slackbot.__main__", "slackbot.service"])
    began = time.monotonic()
    rng = Random(seed)  # noqa: S311 - the same seed, the same storm
    model = BadModel(rng)
    async with (
        folder() as place,
        Workspace() as workspace,
        ModelServer(answer=model.answer) as server,
    ):
        world = World(workspace, server, rng, place)
        workspace.faults.weather(rng, WEATHER)
        asking = asyncio.gather(world.ask(), world.insist())
        for _ in range(kills):
            await world.live_and_die()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        workspace.faults.clear()
        model.is_good = True
        await world.settle()
        questions = await world.verify()
    runs = ", ".join(f"{number} {name}" for name, number in sorted(world.ends.items()))
    made = Counter(call.error or call.status for call in workspace.calls)
    return (
        f"{questions} questions, {world.unacknowledged} more never acknowledged; "
        f"{len(server.requests)} requests to the model, {len(workspace.calls)} calls to Slack, "
        f"of which {len(workspace.calls) - made[200]} failed\n"
        f"{world.tools} tool calls, none run twice\n"
        f"{runs}; {world.lost} sockets lost or silent; {world.pressed} times Try again\n"
        f"every question has exactly one whole answer, after {time.monotonic() - began:.0f} s"
    )


class BadModel:
    """Answers what was asked last, naming the questions; now and then it fails."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._keys = count()
        self.is_good = False

    def answer(self, request: Mapping[str, Any]) -> Script:
        if self._rng.random() < TOOLS and "tool_choice" not in request:
            return calls_together(*(self._call() for _ in range(self._rng.randint(1, 3))))
        asked = [int(number) for number in _last_asked(request)]
        named = " ".join(f"<{number}>" for number in asked)
        size = 3_000 if any(number % LONG == 0 for number in asked) else 40
        text = f"{named} " + "word " * self._rng.randint(1, size) + WHOLE
        script = Script(tuple({"content": piece} for piece in _pieces(text)))
        script = script.paced(0.02, first_after=0.02)
        if self.is_good or self._rng.random() > BAD_ANSWERS:
            return script
        somewhere = self._rng.randrange(len(script.deltas))
        return self._rng.choice(
            [
                script.dropped(after=somewhere),
                script.garbled(after=somewhere),
                script.ending(None),
                script.failed(somewhere, Refusal(500, "The server had an error.")),
                fails(500),
                fails(429, code="rate_limit_exceeded", retry_after=0.1),
                fails(401, code="invalid_api_key"),
                says(""),
            ]
        )

    def _call(self) -> Script:
        """A tool call like no other."""
        key = f"call_{next(self._keys)}"
        seconds = self._rng.choice([0.0, 0.0, 0.2])
        return calls("note", f'{{"key": "{key}", ', f'"seconds": {seconds}}}', call_id=key)


WHOLE = "that's all."
"""How an answer ends."""


def _is_whole(shown: str) -> bool:
    """Whether a message shows an answer's end; below it there may be the tools that were used."""
    return shown.partition(marks.TOOLS)[0].rstrip().endswith(WHOLE)


def _number(question: PostedMessage) -> str:
    return question.text.split()[-1]


def _last_asked(request: Mapping[str, Any]) -> Iterator[str]:
    """The numbers of the questions since the last answer."""
    for message in reversed(request["messages"]):
        if message["role"] == "assistant" and "tool_calls" not in message:
            return
        if message["role"] == "user":
            yield message["content"].split()[-1]


def _pieces(text: str) -> Iterator[str]:
    size = max(30, len(text) // 30)
    for start in range(0, len(text), size):
        yield text[start : start + size]


class World:
    def __init__(self, workspace: Workspace, server: ModelServer, rng: Random, place: Path) -> None:
        self.ends: Counter[str] = Counter()
        self.lost = self.pressed = self.unacknowledged = self.tools = 0
        self._noted: set[str] = set()
        self._workspace = workspace
        self._rng = rng
        self._people = [workspace.add_person(f"Person {n}") for n in range(PEOPLE)]
        self._channels = [
            workspace.add_channel(f"c{n}", members=self._people) for n in range(CHANNELS)
        ]
        self._environment = {
            **environment(workspace, server),
            "DATABASE_URL": f"sqlite:///{place / 'slackbot.db'}",
            "SLACKBOT_GRACE": "0.5",
            "SLACKBOT_TOOLS": "benchmarks.log_book",
            log_book.PLACE: str(place / "log_book"),
        }
        self._log = place / "log"
        self._book = place / "log_book"
        self._book.touch()

    async def ask(self) -> None:
        """People ask one question after the other."""
        async with asyncio.TaskGroup() as tasks:
            number = 0
            while True:
                number += 1
                tasks.create_task(self._say(number))
                await asyncio.sleep(self._rng.expovariate(3.0))

    async def insist(self) -> None:
        """People want their answers."""
        while True:
            await asyncio.sleep(1.0)
            await self._press_again()

    async def live_and_die(self) -> None:
        """One run of the bot, from its start to a violent end."""
        async with self._running() as process:
            begun, most = len(self._workspace.calls), self._rng.randint(0, CALLS)
            with suppress(TimeoutError):
                await self._workspace.until(
                    lambda: len(self._workspace.calls) >= begun + most // 2, LIFE / 2
                )
            if self._rng.random() < 0.3:
                await self._lose_sockets()
            with suppress(TimeoutError):
                await self._workspace.until(
                    lambda: len(self._workspace.calls) >= begun + most, LIFE / 2
                )
            polite = self._rng.random() < 0.2
            os.kill(process.pid or 0, signal.SIGTERM if polite else signal.SIGKILL)
        self.ends["SIGTERM" if polite else "SIGKILL"] += 1
        expected = {0, -signal.SIGTERM} if polite else {-signal.SIGKILL}
        assert process.exitcode in expected, f"it ended with {process.exitcode}: {self._logged()}"

    async def settle(self) -> None:
        """A last run, in good weather, until nothing is left to do."""
        async with self._running() as process:
            end = time.monotonic() + SETTLING
            while not await self._is_settled_everywhere() and time.monotonic() < end:
                await self._press_again()
                await asyncio.sleep(0.2)
            os.kill(process.pid or 0, signal.SIGTERM)
        assert process.exitcode == 0, f"it ended with {process.exitcode}: {self._logged()}"

    async def verify(self) -> int:
        """Compares what was asked, what Slack shows, and what is stored; gives the number of
        questions that were acknowledged.
        """
        store = await open_store(self._environment["DATABASE_URL"])
        left = await store.unanswered()
        assert not left, f"something is left to do: {[await store.waiting(each) for each in left]}"
        acknowledged = self._acknowledged()
        self.unacknowledged = len(self._questions()) - len(acknowledged)
        for root in self._roots():
            key = ThreadKey(self._workspace.team.team_id, root.channel, root.ts)
            known = {each.ts for each in acknowledged if (each.thread_ts or each.ts) == root.ts}
            self._compare(await store.load(key), root, known)
        await store.close()
        run = self._book.read_text().split()
        self.tools = len(run)
        assert len({*run}) == len(run), "a tool call was run twice"
        assert self._noted <= {*run}, "a tool has a result that was not run"
        assert "Traceback" not in self._logged(), self._logged()
        return len(acknowledged)

    def _logged(self) -> str:
        return self._log.read_text() if self._log.exists() else ""

    def _compare(self, stored: Conversation, root: PostedMessage, known: set[str]) -> None:
        """One thread: every question in one turn, every message of the bot's in one place."""
        shown = {message.ts: message.shown for message in answers(self._workspace, root)}
        answered = [turn for turn in stored.turns if turn.answer is not None]
        said = [each.ts for turn in answered for each in turn.said]
        placed = [ts for turn in stored.turns for ts in turn.place]
        assert len(set(said)) == len(said), "a question was answered twice"
        assert known <= set(said), "a question was lost"
        assert sorted(placed) == sorted(shown), "messages that belong to no answer, or to two"
        for used in (used for turn in stored.turns for used in turn.rounds):
            assert not used.awaited, "a tool call has no result"
            self._noted |= {key for key in used.results if used.results[key] == f"noted {key}"}
        for turn in answered:  # the others were read in the thread: the bot was never told of them
            text = "".join(shown[ts] for ts in turn.place).partition(marks.TOOLS)[0]
            assert turn.answer is not None
            assert turn.answer.text.endswith(WHOLE), "an answer is not whole"
            assert "".join(text.split()) == "".join(turn.answer.text.split()), (
                f"Slack shows {text[-99:]!r} and not {turn.answer.text[-99:]!r}"
            )
            for each in turn.said:
                assert f"<{each.text.split()[-1]}>" in text, "a question is not in its answer"

    async def _press_again(self) -> None:
        """People press Try again, wherever they are told to."""
        for message in self._with_button("again"):
            if not _is_whole(message.shown):
                with suppress(LookupError):  # it is being written anew already
                    person = self._rng.choice(self._people)
                    await self._workspace.click(person, message, f"{PREFIX}again")
                    self.pressed += 1

    @asynccontextmanager
    async def _running(self) -> AsyncIterator[BaseProcess]:
        process = FORKS.Process(target=be_bot, args=(self._environment, self._log))
        process.start()
        try:
            yield process
        finally:
            await asyncio.to_thread(process.join, 30.0)
            process.kill()

    async def _lose_sockets(self) -> None:
        if self._workspace.connections:
            self.lost += 1
            match self._rng.choice(["refresh", "drop", "silence"]):
                case "refresh":
                    await self._workspace.disconnect_sockets()
                case "drop":
                    await self._workspace.disconnect_sockets(reason=None)
                case "silence":
                    self._workspace.sockets.silent = True

    async def _say(self, number: int) -> None:
        person = self._rng.choice(self._people)
        roots = self._roots()
        drawn = self._rng.random()
        if roots and drawn < 0.4:
            root = self._rng.choice(roots[-10:])
            channel, thread = self._workspace.channels[root.channel], root.ts
        else:
            direct = drawn > 0.9
            workspace, direct = self._workspace, drawn > 0.9
            channel = (
                workspace.direct_message(person) if direct else self._rng.choice(self._channels)
            )
            thread = None
        text = f"{self._workspace.bot.mention} question {number}"
        await self._workspace.say(person, channel, text, thread=thread)

    async def _is_settled_everywhere(self) -> bool:
        """Whether nothing waits in the store either: also what was taken and never acknowledged."""
        if not self._is_settled():
            return False
        store = await open_store(self._environment["DATABASE_URL"], beside=True)
        left = await store.unanswered()
        await store.close()
        return not left

    def _is_settled(self) -> bool:
        """Whether all that was acknowledged has a whole answer, as far as Slack shows it."""
        on_its_way = any(not delivery.over.is_set() for delivery in self._workspace.deliveries)
        if on_its_way or self._with_button("stop"):
            return False
        ends = [message for message in self._answers() if _is_whole(message.shown)]
        if len(ends) < len(self._with_button("again")):
            return False
        seen = " ".join(message.shown for message in self._answers())
        return all(f"<{_number(question)}>" in seen for question in self._acknowledged())

    def _with_button(self, name: str) -> list[PostedMessage]:
        action = f"{PREFIX}{name}"
        return [
            message
            for message in self._answers()
            if any(element["action_id"] == action for _, element in elements(message.blocks))
        ]

    def _answers(self) -> list[PostedMessage]:
        messages = self._workspace.messages.values()
        return [
            each for each in messages if each.author == self._workspace.bot and not each.deleted
        ]

    def _questions(self) -> list[PostedMessage]:
        people = set(self._people)
        return [each for each in self._workspace.messages.values() if each.author in people]

    def _roots(self) -> list[PostedMessage]:
        return [each for each in self._questions() if each.thread_ts is None]

    def _acknowledged(self) -> list[PostedMessage]:
        """The questions that the bot has taken."""
        told = [each.event for each in self._workspace.deliveries if each.acknowledged]
        taken = {(event.get("channel"), event.get("ts")) for event in told}
        return [each for each in self._questions() if (each.channel, each.ts) in taken]


def be_bot(environment: Mapping[str, str], log: Path) -> None:
    """`slackbot serve` in this process."""
    with log.open("a") as errors:
        os.dup2(errors.fileno(), sys.stderr.fileno())
        os.environ[log_book.PLACE] = environment[log_book.PLACE]
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(asyncio.run(serve(environment)))


if __name__ == "__main__":
    main()

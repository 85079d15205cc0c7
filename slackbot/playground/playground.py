"""The playground in one piece: a workspace, the bot in it, its model, and the weather."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from slackbot import config
from slackbot.errors import ConfigError
from slackbot.playground.bot_process import BotProcess
from slackbot.playground.fake_slack.background_calls import BackgroundCalls
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.playground.model_choice import ChosenModel, choose_model
from slackbot.playground.network_conditions import NetworkConditions
from slackbot.playground.recording_proxy import RecordingProxy
from slackbot.playground.seed import DEFAULT_SEED, Seed
from slackbot.playground.seed import OPTION as SEED_OPTION
from slackbot.playground.snapshot import kept, restore
from slackbot.playground.wire import Json

OURS = ("SLACK", "OPENAI_", "DATABASE_URL", "PORT", "LOG_LEVEL")
"""What begins so in the environment is the bot's, and the bot gets what the playground says."""
HANDED_ON = ("OPENAI_", "SLACKBOT_")
"""But these count here as well."""


@dataclass(frozen=True, slots=True)
class Playground:
    workspace: Workspace
    bot: BotProcess
    model: ChosenModel
    recorder: RecordingProxy
    network: NetworkConditions
    background: BackgroundCalls
    commands: Sequence[Json]
    """The app's slash commands, as its manifest describes them."""


@asynccontextmanager
async def run_playground(
    environment: Mapping[str, str],
    manifest: Mapping[str, Any],
    *,
    seed: Seed = DEFAULT_SEED,
    keep: Path | None = None,
) -> AsyncIterator[Playground]:
    """The bot works in a workspace of its own while the block runs. Nothing is left of it, except
    in the file `keep` and beside it, out of which it goes on the next time; the `seed` is for its
    beginning. Raises ConfigError where one of the user's settings or files is wrong.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        answers = await stack.enter_async_context(choose_model(environment))
        workspace = await stack.enter_async_context(Workspace())
        workspace.scopes = set(manifest["oauth_config"]["scopes"]["bot"])
        restored = keep is not None and restore(workspace, keep)
        instructions = {} if restored else seed.apply(workspace)
        notify = workspace.changes.notify
        recorder = await stack.enter_async_context(RecordingProxy(answers.url, notify))
        database = folder / "playground.db" if keep is None else keep.with_name(f"{keep.name}.db")
        settings = bot_environment(environment, workspace, answers, database)
        config.parse(settings)
        if instructions:
            await _import(instructions, settings, folder)
        if keep is not None:
            await stack.enter_async_context(kept(workspace, keep))
        bot = BotProcess({**settings, "OPENAI_BASE_URL": recorder.url}, notify)
        stack.push_async_callback(bot.close)
        background = await stack.enter_async_context(BackgroundCalls())
        commands = manifest["features"]["slash_commands"]
        network = NetworkConditions(workspace)
        await bot.start()
        yield Playground(workspace, bot, answers, recorder, network, background, commands)


def bot_environment(
    environment: Mapping[str, str],
    workspace: Workspace,
    answers: ChosenModel,
    database: Path,
) -> dict[str, str]:
    """What the bot's process finds in its environment; `environment` are the user's settings."""
    machine = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    chosen = {name: value for name, value in environment.items() if name.startswith(HANDED_ON)}
    settings = {
        **machine,
        **chosen,
        "SLACK_BOT_TOKEN": workspace.bot_token,
        "SLACK_APP_TOKEN": workspace.app_token,
        "SLACK_API_URL": workspace.url,
        "OPENAI_BASE_URL": answers.url,
        "OPENAI_API_KEY": answers.key,
        "OPENAI_MODEL": answers.model,
        "DATABASE_URL": f"sqlite:///{database.absolute()}",
        "SLACKBOT_GRACE": "0",
        "SLACK_SIGNING_SECRET": "",  # nor from a .env file
        "PORT": "",
        "LOG_LEVEL": environment.get("LOG_LEVEL") or "INFO",
    }
    if answers.context_tokens is not None:
        settings["OPENAI_CONTEXT_TOKENS"] = str(answers.context_tokens)
    return settings


async def _import(
    instructions: Mapping[str, Any], settings: Mapping[str, str], folder: Path
) -> None:
    """Gives the bot its instructions the way its owners do, before it starts."""
    file = folder / "instructions.yml"
    file.write_text(yaml.safe_dump(dict(instructions)), "utf-8")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "slackbot", "instructions", "import", str(file)),
        env=settings,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    if process.returncode:
        problem = errors.decode(errors="replace").strip().removeprefix("slackbot: ")
        raise ConfigError(SEED_OPTION, f"has instructions that can't be set: {problem}")

"""Puts the playground together: a workspace, the bot, its model, and the network between them."""

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
from slackbot.conversation.ids import TeamId
from slackbot.errors import ConfigError
from slackbot.network import Network
from slackbot.playground.bot_process import BotProcess
from slackbot.playground.fake_slack.background_calls import BackgroundCalls
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.playground.json_types import Json
from slackbot.playground.model_choice import ChosenModel, choose_model
from slackbot.playground.network_conditions import NetworkConditions
from slackbot.playground.recording_proxy import RecordingProxy
from slackbot.playground.replicas import (
    ReplicaChoice,
    Replicas,
    running_database,
    running_replicas,
)
from slackbot.playground.seed import DEFAULT_SEED, Seed
from slackbot.playground.seed import OPTION as SEED_OPTION
from slackbot.playground.snapshot import autosave, restore

BOT_VARIABLES = ("SLACK", "OPENAI_", "DATABASE_URL", "PORT", "LOG_LEVEL")
"""Prefixes of the bot's own variables: the playground sets these, or leaves them out."""
INHERITED_VARIABLES = ("OPENAI_", "SLACKBOT_")
"""Prefixes of the variables that the user may set for the playground's bot too."""


@dataclass(frozen=True, slots=True)
class Playground:
    workspace: Workspace
    bots: Sequence[BotProcess]
    replicas: Replicas | None
    """Set where there are several bots."""
    model: ChosenModel
    recorder: RecordingProxy
    network: NetworkConditions
    background: BackgroundCalls
    commands: Sequence[Json]
    """The app's slash commands, as described in its manifest."""

    @property
    def bot(self) -> BotProcess:
        """The only bot, or the first of several."""
        return self.bots[0]


@asynccontextmanager
async def run_playground(
    environment: Mapping[str, str],
    manifest: Mapping[str, Any],
    *,
    seed: Seed = DEFAULT_SEED,
    keep: Path | None = None,
    replicas: ReplicaChoice | None = None,
) -> AsyncIterator[Playground]:
    """Runs the bot in a local workspace while the block runs.

    A new workspace starts with the `seed`. With `keep`, the workspace is saved to that file, and
    restored from it the next time. With `replicas`, several bots run on a PostgreSQL server of
    their own, whose data ends with the block. Raises ConfigError if a setting or a file is wrong.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        answers = await stack.enter_async_context(choose_model(environment))
        workspace = await stack.enter_async_context(Workspace())
        workspace.scopes = set(manifest["oauth_config"]["scopes"]["bot"])
        restored = keep is not None and restore(workspace, keep)
        instructions = {} if restored else seed.apply(workspace)
        notify = workspace.changes.notify
        recorder = await stack.enter_async_context(
            RecordingProxy(answers.url, notify, Network.read(environment))
        )
        if replicas is None:
            file = folder / "playground.db" if keep is None else keep.with_name(f"{keep.name}.db")
            database = f"sqlite:///{file.absolute()}"
        else:
            database = await stack.enter_async_context(running_database())
        settings = bot_environment(environment, workspace, answers, database)
        config.parse(settings)
        if instructions:
            await _import_instructions(instructions, settings, folder)
        if keep is not None:
            await stack.enter_async_context(autosave(workspace, keep))
        settings["OPENAI_BASE_URL"] = recorder.url
        started = await stack.enter_async_context(_running_bots(settings, workspace, replicas))
        background = await stack.enter_async_context(BackgroundCalls())
        commands = manifest["features"]["slash_commands"]
        network = NetworkConditions(workspace)
        bots, several = started
        yield Playground(workspace, bots, several, answers, recorder, network, background, commands)


@asynccontextmanager
async def _running_bots(
    settings: Mapping[str, str], workspace: Workspace, choice: ReplicaChoice | None
) -> AsyncIterator[tuple[Sequence[BotProcess], Replicas | None]]:
    notify = workspace.changes.notify
    if choice is not None:
        async with running_replicas(
            choice, settings, TeamId(workspace.team.team_id), notify
        ) as several:
            yield several.bots, several
        return
    bot = BotProcess(settings, notify)
    await bot.start()
    try:
        yield [bot], None
    finally:
        await bot.close()


def bot_environment(
    environment: Mapping[str, str],
    workspace: Workspace,
    answers: ChosenModel,
    database: str,
) -> dict[str, str]:
    """Returns the environment of the bot's process; `environment` holds the user's settings, and
    `database` is the address of its database.
    """
    machine = {
        name: value for name, value in os.environ.items() if not name.startswith(BOT_VARIABLES)
    }
    chosen = {
        name: value for name, value in environment.items() if name.startswith(INHERITED_VARIABLES)
    }
    settings = {
        **machine,
        **chosen,
        "SLACK_BOT_TOKEN": workspace.bot_token,
        "SLACK_APP_TOKEN": workspace.app_token,
        "SLACK_API_URL": workspace.url,
        "OPENAI_BASE_URL": answers.url,
        "OPENAI_API_KEY": answers.key,
        "OPENAI_MODEL": answers.model,
        "DATABASE_URL": database,
        "SLACKBOT_LISTEN_URL": "",
        "SLACKBOT_GRACE": "0",
        "SLACK_SIGNING_SECRET": "",  # empty, so that a .env file does not set it
        "PORT": "",
        "LOG_LEVEL": environment.get("LOG_LEVEL") or "INFO",
    }
    if answers.context_tokens is not None:
        settings["OPENAI_CONTEXT_TOKENS"] = str(answers.context_tokens)
    return settings


async def _import_instructions(
    instructions: Mapping[str, Any], settings: Mapping[str, str], folder: Path
) -> None:
    """Imports the seed's instructions with the bot's own command, before the bot starts."""
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

"""`slackbot playground`: the real bot in a local Slack workspace, in a page or a terminal."""

import asyncio
import webbrowser
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from slackbot import config, logs
from slackbot.cli.signals import on_stop
from slackbot.errors import ConfigError, SlackbotError
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.playground.model_choice import choose_model
from slackbot.playground.playground import Playground, bot_environment, run_playground
from slackbot.playground.replicas import OPTION as REPLICAS
from slackbot.playground.replicas import ReplicaChoice
from slackbot.playground.seed import DEFAULT_SEED, read_seed
from slackbot.playground.terminal import converse
from slackbot.slack.manifest import manifest

if TYPE_CHECKING:
    from slackbot.playground.page.server import PageServer

MAX_REPLICAS = 9
"""Slack allows ten Socket Mode connections: https://docs.slack.dev/apis/events-api/using-socket-mode"""

EXTRA = ("emoji", "markdown_it", "nh3")
"""What the page imports and `pip install slackbot` leaves out."""


@click.command
@click.option("--terminal", is_flag=True, help="Talk to the bot here, without the web page.")
@click.option(
    "--port",
    metavar="PORT",
    type=click.IntRange(0, 65535),
    default=0,
    help="The page's port. Default: a free one.",
)
@click.option(
    "--seed",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Begin with the people, channels and instructions in a YAML file.",
)
@click.option(
    "--keep",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Keep the workspace in a file, and go on with it the next time.",
)
@click.option(
    "--replicas",
    metavar="N",
    type=click.IntRange(2, MAX_REPLICAS),
    help="Run several bots on a PostgreSQL server of their own, and kill them in the page.",
)
@click.option("--no-browser", is_flag=True, help="Open no browser.")
@click.pass_obj
def playground(
    environment: Mapping[str, str],
    *,
    terminal: bool,
    port: int,
    seed: Path | None,
    keep: Path | None,
    replicas: int | None,
    no_browser: bool,
) -> None:
    """Try the bot in a Slack workspace on this machine.

    Your own model answers if OPENAI_API_KEY or OPENAI_BASE_URL is set, else a small local model
    if one is installed, else a stand-in that repeats what you ask.
    """
    if terminal and (port or seed or keep or replicas):
        raise ConfigError(
            "--terminal",
            "can't be combined with --port, --seed, --keep or --replicas: leave them out.",
        )
    if keep and replicas:
        raise ConfigError(
            REPLICAS, "can't be combined with --keep: their database ends with the playground."
        )
    if terminal:
        asyncio.run(_in_the_terminal(environment))
        return
    begun = DEFAULT_SEED if seed is None else read_seed(seed)
    choice = None if replicas is None else _replica_choice(replicas)
    run = partial(run_playground, environment, manifest(), seed=begun, keep=keep, replicas=choice)
    asyncio.run(_in_the_browser(run, port, no_browser=no_browser))


async def _in_the_browser(
    run: Callable[[], AbstractAsyncContextManager[Playground]], port: int, *, no_browser: bool
) -> None:
    page_server = _page_server()
    logs.start("WARNING", ())
    stop = asyncio.Event()
    on_stop(stop.set)
    async with (
        run() as running,
        page_server(running, port) as page,
    ):
        click.echo(f"The playground is at {page.url}")
        click.echo(f"{running.model.title}. {running.model.detail}\nCtrl-C ends it.")
        with TemporaryDirectory() as folder:
            if not no_browser:
                file = redirecting_file(page.url, Path(folder))
                await asyncio.to_thread(webbrowser.open, file.as_uri())
            await stop.wait()


def redirecting_file(url: str, folder: Path) -> Path:
    """Writes a file that leads a browser to an address, in a folder that only this user can read.

    All users of a machine can see the arguments of a program, and the address is a secret.
    """
    file = folder / "playground.html"
    file.write_text(f'<!doctype html><meta http-equiv="refresh" content="0; url={url}">\n')
    return file


def _page_server() -> "type[PageServer]":
    try:
        from slackbot.playground.page.server import PageServer  # noqa: PLC0415 - may be missing
    except ModuleNotFoundError as err:
        if err.name not in EXTRA:
            raise
        raise SlackbotError(
            "the playground's page needs packages of its own: pip install 'slackbot[playground]'"
        ) from err
    return PageServer


def _replica_choice(count: int) -> ReplicaChoice:
    try:
        from slackbot.store.postgres.overview import open_overview  # noqa: PLC0415 - an extra
    except ImportError as err:
        raise ConfigError(
            REPLICAS, "needs a part of the bot that is missing: pip install 'slackbot[postgres]'"
        ) from err
    return ReplicaChoice(count, open_overview)


async def _in_the_terminal(environment: Mapping[str, str]) -> None:
    from slackbot.startup import running  # noqa: PLC0415 - takes a second that the page need not take

    async with AsyncExitStack() as stack:
        file = Path(stack.enter_context(TemporaryDirectory())) / "playground.db"
        workspace = await stack.enter_async_context(Workspace())
        answers = await stack.enter_async_context(choose_model(environment))
        quiet = {**environment, "LOG_LEVEL": environment.get("LOG_LEVEL") or "ERROR"}
        settings = config.parse(bot_environment(quiet, workspace, answers, f"sqlite:///{file}"))
        # MCP servers get what the person set, not what the playground did.
        settings = settings.model_copy(update={"environment": environment})
        logs.start(settings.log_level, settings.secrets)
        service = await stack.enter_async_context(running(settings))
        await converse(workspace, f"{answers.title}. {answers.detail}", service.bot.is_busy)

"""The command line: `slackbot serve`, `check`, `playground`, `forget`, `instructions`."""

import argparse
import asyncio
import os
import signal
import sys
import webbrowser
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from dotenv import dotenv_values

from slackbot import config, logs
from slackbot.errors import ConfigError, SlackbotError

MISTAKE = 2
"""The exit code for what those who run the bot have to put right."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Exits with 0, with 1 where a check failed, with 2 and one line where a setting is wrong."""
    parser = argparse.ArgumentParser(
        prog="slackbot", description="An OpenAI assistant for Slack teams."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("serve", help="run the bot")
    commands.add_parser("check", help="try the settings, the tokens, the model, the database")
    playing = commands.add_parser("playground", help="try the bot here, in a workspace of its own")
    playing.add_argument("--terminal", action="store_true", help="here, without the web page")
    playing.add_argument(
        "--port", type=int, default=0, help="the page's port (default: a free one)"
    )
    playing.add_argument("--seed", metavar="FILE", type=Path, help="with whom and what it begins")
    playing.add_argument("--keep", metavar="FILE", type=Path, help="goes on with it the next time")
    playing.add_argument("--no-browser", action="store_true", help="open no browser")
    forgetting = commands.add_parser("forget", help="delete what is stored of a person or a place")
    what = forgetting.add_mutually_exclusive_group(required=True)
    what.add_argument("--user", metavar="U…", help="what a person said, and the answers to it")
    what.add_argument("--channel", metavar="C…", help="all conversations of a channel")
    what.add_argument("--thread", metavar="LINK", help="one: a message's link, or CHANNEL/TS")
    instructions = commands.add_parser("instructions", help="what admins have set, in files")
    actions = instructions.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("export", help="print every change as a line of JSON")
    importing = actions.add_parser("import", help="set what a YAML file says")
    importing.add_argument("file", metavar="FILE", help="for the workspace and for channels")
    options = vars(parser.parse_args(arguments))
    command = COMMANDS[options.pop("command")]
    environment = {**{k: v or "" for k, v in dotenv_values(".env").items()}, **os.environ}
    try:
        sys.exit(asyncio.run(command(environment, **options)))
    except SlackbotError as err:
        print(f"slackbot: {err.user_message}", file=sys.stderr)
        sys.exit(MISTAKE)
    except KeyboardInterrupt:
        sys.exit(130)


async def serve(environment: Mapping[str, str]) -> int:
    """Works until SIGTERM or SIGINT; a second one cuts the replies' grace short."""
    settings = config.parse(environment)
    logs.start(settings.log_level, settings.secrets)
    stop = asyncio.Event()
    here = asyncio.current_task()
    assert here is not None  # noqa: S101 - asyncio.run made it
    _on_signal(here.cancel)
    from slackbot.app import running  # noqa: PLC0415 - takes a second that --help need not take

    try:
        async with running(settings) as service:
            _on_signal(stop.set)
            print(f"slackbot is connected\n{service}", flush=True)
            await stop.wait()
            _on_signal(service.bot.abandon)
    except asyncio.CancelledError:  # while it was starting
        pass
    print("slackbot has stopped", flush=True)
    return 0


def _on_signal(action: Callable[[], object]) -> None:
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, action)


async def check(environment: Mapping[str, str]) -> int:
    from slackbot.cli.check import check  # noqa: PLC0415 - as above

    return 0 if await check(environment, print) else 1


async def forget(environment: Mapping[str, str], **what: str | None) -> int:
    from slackbot.cli.forget import forget  # noqa: PLC0415 - as above

    await forget(environment, print, **what)
    return 0


async def instructions(
    environment: Mapping[str, str], *, action: str, file: str | None = None
) -> int:
    from slackbot.cli import instructions  # noqa: PLC0415 - as above

    if action == "import" and file is not None:
        await instructions.import_(environment, print, file)
    else:
        await instructions.export(environment, print)
    return 0


async def playground(  # noqa: PLR0913 - one for each option
    environment: Mapping[str, str],
    *,
    terminal: bool,
    port: int,
    no_browser: bool,
    seed: Path | None,
    keep: Path | None,
) -> int:
    """The real bot in a workspace of its own, in the browser or here; the best model there is."""
    if terminal:
        if port or seed or keep:
            raise ConfigError("--terminal", "is without --port, --seed and --keep: leave them out.")
        return await _playground_here(environment)
    from slackbot.playground.page.server import PageServer  # noqa: PLC0415 - as above
    from slackbot.playground.playground import playing  # noqa: PLC0415 - as above
    from slackbot.playground.seed import USUAL, read  # noqa: PLC0415 - as above
    from slackbot.slack.manifest import manifest  # noqa: PLC0415 - as above

    logs.start("WARNING", ())
    stop = asyncio.Event()
    _on_signal(stop.set)
    begun = USUAL if seed is None else read(seed)
    async with (
        playing(environment, manifest(), seed=begun, keep=keep) as played,
        PageServer(played, port) as page,
    ):
        print(f"The playground is at {page.url}", flush=True)
        print(f"{played.answering.title}. {played.answering.detail}\nCtrl-C ends it.", flush=True)
        if not no_browser:
            await asyncio.to_thread(webbrowser.open, page.url)
        await stop.wait()
    return 0


async def _playground_here(environment: Mapping[str, str]) -> int:
    from slackbot.app import running  # noqa: PLC0415 - as above
    from slackbot.playground.fake_slack.workspace import Workspace  # noqa: PLC0415 - as above
    from slackbot.playground.model_choice import answering  # noqa: PLC0415 - as above
    from slackbot.playground.playground import bot_environment  # noqa: PLC0415 - as above
    from slackbot.playground.terminal import converse  # noqa: PLC0415 - as above

    async with AsyncExitStack() as stack:
        database = Path(stack.enter_context(TemporaryDirectory())) / "playground.db"
        workspace = await stack.enter_async_context(Workspace())
        answers = await stack.enter_async_context(answering(environment))
        quiet = {**environment, "LOG_LEVEL": environment.get("LOG_LEVEL") or "ERROR"}
        settings = config.parse(bot_environment(quiet, workspace, answers, database))
        settings = replace(settings, environment=environment)  # of which MCP servers get theirs
        logs.start(settings.log_level, settings.secrets)
        service = await stack.enter_async_context(running(settings))
        await converse(workspace, f"{answers.title}. {answers.detail}", service.bot.is_busy)
    return 0


COMMANDS: Mapping[str, Callable[..., Coroutine[None, None, int]]] = {
    "serve": serve,
    "check": check,
    "playground": playground,
    "forget": forget,
    "instructions": instructions,
}

if __name__ == "__main__":
    main()

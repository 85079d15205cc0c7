"""The command line: `slackbot serve`, `check`, `playground`, `forget`, `instructions`."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from tempfile import TemporaryDirectory

from dotenv import dotenv_values

from slackbot import config, logs
from slackbot.errors import SlackbotError

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
    commands.add_parser("playground", help="talk to the bot here, in a workspace of its own")
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
    from slackbot.service import running  # noqa: PLC0415 - takes a second that --help need not take

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
    from slackbot.checks import check  # noqa: PLC0415 - as above

    return 0 if await check(environment, print) else 1


async def forget(environment: Mapping[str, str], **what: str | None) -> int:
    from slackbot.forget import forget  # noqa: PLC0415 - as above

    await forget(environment, print, **what)
    return 0


async def instructions(
    environment: Mapping[str, str], *, action: str, file: str | None = None
) -> int:
    from slackbot import ledger  # noqa: PLC0415 - as above

    if action == "import" and file is not None:
        await ledger.import_(environment, print, file)
    else:
        await ledger.export(environment, print)
    return 0


async def playground(environment: Mapping[str, str]) -> int:
    """The real bot in a workspace of its own; without a model's key, with a stand-in model."""
    from slackbot.playground.model_server import ModelServer  # noqa: PLC0415 - as above
    from slackbot.playground.terminal import converse  # noqa: PLC0415 - as above
    from slackbot.playground.workspace import Workspace  # noqa: PLC0415 - as above
    from slackbot.service import running  # noqa: PLC0415 - as above

    async with AsyncExitStack() as stack:
        workspace = await stack.enter_async_context(Workspace())
        folder = stack.enter_context(TemporaryDirectory())
        chosen = {name: environment[name] for name in PLAYGROUND if environment.get(name)}
        if "OPENAI_API_KEY" in chosen or "OPENAI_BASE_URL" in chosen:
            notice = "Your own model answers: {model}."
        else:
            notice = "A small built-in stand-in answers, no real model: OPENAI_API_KEY is not set."
            server = await stack.enter_async_context(ModelServer())
            chosen |= {"OPENAI_BASE_URL": server.url, "OPENAI_MODEL": "stand-in"}
        settings = config.parse(
            {
                **chosen,
                "SLACK_BOT_TOKEN": workspace.bot_token,
                "SLACK_APP_TOKEN": workspace.app_token,
                "SLACK_API_URL": workspace.url,
                "DATABASE_URL": f"sqlite:///{folder}/playground.db",
                "SLACKBOT_GRACE": "0",
                "LOG_LEVEL": environment.get("LOG_LEVEL") or "ERROR",
            }
        )
        settings = replace(settings, environment=environment)  # of which MCP servers get theirs
        logs.start(settings.log_level, settings.secrets)
        service = await stack.enter_async_context(running(settings))
        await converse(workspace, notice.format(model=settings.model.name), service.bot.is_busy)
    return 0


PLAYGROUND = (
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OPENAI_MODEL",
    "OPENAI_IMAGE_MODEL",
    "OPENAI_SPEECH_MODEL",
    "OPENAI_TRANSCRIBE_MODEL",
    "OPENAI_CONTEXT_TOKENS",
    "OPENAI_API",
    "SLACKBOT_INSTRUCTIONS",
    "SLACKBOT_MCP",
    "SLACKBOT_TOOLS",
    "SLACKBOT_STREAMING",
)
"""The settings that count in the playground; its Slack and its database are its own."""

COMMANDS: Mapping[str, Callable[..., Coroutine[None, None, int]]] = {
    "serve": serve,
    "check": check,
    "playground": playground,
    "forget": forget,
    "instructions": instructions,
}

if __name__ == "__main__":
    main()

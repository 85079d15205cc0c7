"""`slackbot check`: tries each part of the configuration, and says how to fix what fails."""

import asyncio
from collections.abc import AsyncIterator, Mapping

import click

from slackbot import config, logs
from slackbot.cli import env_file
from slackbot.cli.check_database import check_database
from slackbot.cli.check_line import Caution
from slackbot.cli.isolation import check_isolation
from slackbot.config import Settings
from slackbot.conversation.roles import Role
from slackbot.errors import SlackbotError
from slackbot.llm.openai import OPENAI_URL, open_model
from slackbot.llm.tool_calls import ToolDefinition
from slackbot.markdown.hidden_characters import for_terminal
from slackbot.network.failures import network_error
from slackbot.network.reachability import reach
from slackbot.slack.addresses import slack_addresses
from slackbot.slack.manifest import OPTIONAL_SCOPES, scopes
from slackbot.slack.sign_in import signing_in
from slackbot.tools.discovery import discover_tools


@click.command
@click.pass_context
def check(context: click.Context) -> None:
    """Try the settings, the tokens, the model and the database.

    Prints a line for each of them. The exit code is 1 if one fails.
    """
    context.exit(0 if asyncio.run(_check(context.obj)) else 1)


async def _check(environment: Mapping[str, str]) -> bool:
    """Prints the lines; true if everything works."""
    try:
        settings = config.parse(environment)
    except SlackbotError as err:
        click.echo(_failure("settings", err))
        return False
    logs.start("ERROR", settings.secrets)
    click.echo("ok      settings")
    if (exposure := env_file.exposure()) is not None:
        click.echo(f"warning {exposure}")
    works = True
    async with asyncio.TaskGroup() as group:
        for checking in [group.create_task(_try(name, settings)) for name in CHECKS]:
            lines, part_works = await checking
            for line in lines:  # a server's name for its tool may be in it
                click.echo(for_terminal(line))
            works = works and part_works
    return works


async def _try(name: str, settings: Settings) -> tuple[list[str], bool]:
    """The lines about one part, and whether it works."""
    lines: list[str] = []
    try:
        async for line in CHECKS[name](settings):
            mark = "warning" if isinstance(line, Caution) else "ok     "
            lines.append(f"{mark} {name}: {line}")
    except SlackbotError as err:
        return [*lines, _failure(name, network_error(err) or err)], False
    return lines, True


def _failure(name: str, err: SlackbotError) -> str:
    return f"failed  {name}: {err.user_message}"


async def _network(settings: Settings) -> AsyncIterator[str]:
    """Which way each server is reached, and whether a proxy lets the bot through."""
    way_to = settings.network.proxies.way_to
    slack = slack_addresses(settings.slack.api_url)
    if settings.slack.app_token is None:
        del slack["socket"]
    for kind, url in slack.items():
        yield f"Slack ({kind}): {way_to(url)}"
    yield f"model: {way_to(settings.model.base_url or OPENAI_URL)}"
    for kind in slack.keys() - {"Web API"}:
        await reach(settings.network, slack[kind])


async def _slack(settings: Settings) -> AsyncIterator[str]:
    if settings.slack.installs is not None:
        from slackbot.cli.check_installations import (  # noqa: PLC0415 - only with several workspaces
            check_installations,
        )

        async for line in check_installations(settings, settings.slack.installs):
            yield line
        return
    async with signing_in(settings.slack, max_attempts=1) as sign_in:
        me = await sign_in.identity
        missing = sorted(scopes() - OPTIONAL_SCOPES - me.scopes)
        if missing:
            raise SlackbotError(
                f"The bot token lacks the scopes {', '.join(missing)}. Add them under OAuth & "
                "Permissions in your Slack app (manifest.yml lists them), then reinstall the app."
            )
        yield f"bot token of @{me.user_name} in {me.team_name}, with the scopes that it needs"
        if await sign_in.socket_address is not None:
            yield "app token, for Socket Mode"
        else:
            yield f"signing secret, for HTTP on port {settings.port}"


async def _model(settings: Settings) -> AsyncIterator[str]:
    model = open_model(settings.model)
    seconds = settings.model.first_token_seconds
    waiting = f"waits   model: {settings.model.name} is starting; this takes up to {seconds:g} s"
    try:
        instead = await model.check(lambda: click.echo(waiting))
    finally:
        await model.close()
    yield f"{settings.model.name} answers" + (f" (it gets {', '.join(instead)})" if instead else "")


async def _tools(settings: Settings) -> AsyncIterator[str]:
    tools = [each.definition for each in discover_tools(settings.tools)]
    names = [each.name for each in tools]
    if tools:
        yield f"your own: {', '.join(map(_name_with_role, tools))}"
    if settings.mcp is not None:
        from slackbot.cli.check_mcp import check_mcp  # noqa: PLC0415 - takes a second

        async for line in check_mcp(settings, settings.mcp, names):
            yield line


def _name_with_role(tool: ToolDefinition) -> str:
    """A tool's name, with its role if it is not that of most tools."""
    role = tool.role.name.lower()
    return tool.name if tool.role is Role.MEMBER else f"{tool.name} (role: {role})"


async def _files(settings: Settings) -> AsyncIterator[str]:
    yield await check_isolation(settings)


CHECKS = {
    "network": _network,
    "slack": _slack,
    "model": _model,
    "tools": _tools,
    "files": _files,
    "database": check_database,
}
"""Each yields a line for what works, and raises SlackbotError for what does not."""

"""`slackbot check`: tries each part of the configuration, and says what to do where one fails."""

import asyncio
from collections.abc import AsyncIterator, Mapping

import click

from slackbot import config, logs
from slackbot.config import Settings
from slackbot.errors import ConfigError, SlackbotError
from slackbot.llm.openai import open_model
from slackbot.slack.client import web_client
from slackbot.slack.identity import check_app_token, identify
from slackbot.slack.manifest import scopes
from slackbot.store import open_store
from slackbot.tools.discovery import discover_tools


@click.command
@click.pass_context
def check(context: click.Context) -> None:
    """Try the settings, the tokens, the model and the database.

    Prints one line for each; the exit code is 1 if one of them fails.
    """
    context.exit(0 if asyncio.run(_check(context.obj)) else 1)


async def _check(environment: Mapping[str, str]) -> bool:
    """Prints one line for each part; true if all of them work."""
    try:
        settings = config.parse(environment)
    except SlackbotError as err:
        click.echo(f"failed  settings: {err.user_message}")
        return False
    logs.start("ERROR", settings.secrets)
    click.echo("ok      settings")
    works = True
    for name, part in PARTS.items():
        try:
            async for line in part(settings):
                click.echo(f"ok      {name}: {line}")
        except SlackbotError as err:
            click.echo(f"failed  {name}: {err.user_message}")
            works = False
    return works


async def _slack(settings: Settings) -> AsyncIterator[str]:
    slack = settings.slack
    async with web_client(slack.api_url, slack.bot_token.get_secret_value()) as client:
        me = await identify(client)
        missing = sorted(scopes() - me.scopes)
        if missing:
            raise SlackbotError(
                f"the bot token lacks {', '.join(missing)}: add them on the page "
                "«OAuth & Permissions» (they stand in manifest.yml) and reinstall the app."
            )
        yield f"bot token of @{me.user_name} in {me.team_name}, with all scopes"
        if slack.app_token is not None:
            await check_app_token(client, slack.app_token.get_secret_value())
            yield "app token, Socket Mode"
        else:
            yield f"signing secret, HTTP on port {settings.port}"


async def _model(settings: Settings) -> AsyncIterator[str]:
    model = open_model(settings.model)
    try:
        await model.check()
    finally:
        await model.close()
    yield f"{settings.model.name} answers"


async def _tools(settings: Settings) -> AsyncIterator[str]:
    names = [each.definition.name for each in discover_tools(settings.tools)]
    if names:
        yield f"of your own: {', '.join(names)}"
    if settings.mcp is not None:
        from slackbot.tools.mcp_config import load_mcp_config  # noqa: PLC0415 - as above
        from slackbot.tools.mcp_servers import connect_mcp_servers  # noqa: PLC0415 - takes a second

        configs = load_mcp_config(settings.mcp, settings.environment)
        async with connect_mcp_servers(configs) as servers:
            for name in configs:
                if not servers.is_connected(name):
                    raise ConfigError("SLACKBOT_MCP", f"names {name}, which can't be reached.")
                yield f"MCP server {name} is there"


async def _database(settings: Settings) -> AsyncIterator[str]:
    store = await open_store(settings.database_url)
    try:
        await store.check()
    finally:
        await store.close()
    yield "can be written"


PARTS = {"slack": _slack, "model": _model, "tools": _tools, "database": _database}

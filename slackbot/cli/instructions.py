"""`slackbot instructions`: prints every change as a line of JSON, and imports a YAML file.

The bot may be running: its next answer follows what was imported.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from slackbot import config
from slackbot.conversation.ids import TeamId, UserId
from slackbot.errors import EditConflictError, SlackbotError
from slackbot.instructions import texts
from slackbot.instructions.revisions import ChangeRecord, SettingsChange
from slackbot.instructions.scopes import Scope
from slackbot.instructions.settings import NO_SETTINGS, ScopeSettings
from slackbot.instructions.yaml_file import InstructionsFile, parse_yaml
from slackbot.slack.client import web_client
from slackbot.slack.identity import identify
from slackbot.store import RecordStore, open_store


@click.group
def instructions() -> None:
    """Export the history of the instructions, or import a file."""


@instructions.command
@click.pass_obj
def export(environment: Mapping[str, str]) -> None:
    """Print every change as a line of JSON, oldest first.

    A line says when, who and where, and what was set before and after: null for what can't be
    read.
    """
    asyncio.run(_export(environment))


@instructions.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def import_(environment: Mapping[str, str], file: Path) -> None:
    """Set what a YAML file says.

    If there is a mistake in FILE, nothing is set. Channels that it does not name stay as they
    are.
    """
    asyncio.run(_import(environment, _read(file)))


async def _export(environment: Mapping[str, str]) -> None:
    store = await open_store(config.database_url(environment), shared=True)
    try:
        for team in await store.teams():
            for change_record in await store.change_records(team):
                click.echo(json.dumps(_exported(change_record), ensure_ascii=False))
                if change_record.revision.settings is None:
                    scope, number = change_record.scope, change_record.revision.number
                    click.echo(texts.unreadable(scope, number), err=True)
    finally:
        await store.close()


async def _import(environment: Mapping[str, str], file: InstructionsFile) -> None:
    store = await open_store(config.database_url(environment), shared=True, create=True)
    try:
        team = file.team or await _own_team(environment, store)
        for channel, settings in file.settings.items():
            result = await _set(store, Scope(team, channel), settings)
            click.echo(f"{channel or 'workspace'}: {result}")
    finally:
        await store.close()


async def _set(store: RecordStore, scope: Scope, settings: ScopeSettings) -> str:
    """Says whether that changed anything. Raises EditConflictError."""
    last = await store.last_revision(scope)
    if settings == (NO_SETTINGS if last is None else last.settings):
        return "unchanged"
    number = 0 if last is None else last.number
    if not await store.add_revision(scope, SettingsChange(UserId(""), settings, number)):
        raise EditConflictError
    return f"saved version {number + 1}"


async def _own_team(environment: Mapping[str, str], store: RecordStore) -> TeamId:
    """The workspace of the bot's token; without a token, the only one in the database."""
    known = await store.teams()
    if len(known) == 1 and not environment.get("SLACK_BOT_TOKEN"):
        return known[0]
    slack = config.slack_settings(environment)
    token = slack.token
    async with web_client(slack.api_url, token, slack.network) as client:
        return (await identify(client)).team


def _read(file: Path) -> InstructionsFile:
    try:
        return parse_yaml(file.read_text("utf-8"))
    except (OSError, UnicodeError) as err:
        raise SlackbotError(f"{file} can't be read. Check its name and its permissions.") from err
    except SlackbotError as err:
        raise SlackbotError(f"{file}: {err.user_message}") from err


def _exported(change_record: ChangeRecord) -> dict[str, Any]:
    scope, revision = change_record.scope, change_record.revision
    return {
        "at": datetime.fromtimestamp(revision.at, UTC).isoformat(),
        "user": revision.user or None,
        "team": scope.team,
        "channel": scope.channel or None,
        "thread": scope.thread or None,
        "number": revision.number,
        "restores": revision.restores,
        "before": None if change_record.before is None else asdict(change_record.before),
        "after": None if revision.settings is None else asdict(revision.settings),
    }

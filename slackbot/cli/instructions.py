"""`slackbot instructions`: prints every change as a line of JSON, and sets what a file says.

The bot may run meanwhile: it follows what is set from its next answer on.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import yaml

from slackbot import config
from slackbot.errors import InstructionsError, OvertakenError, SlackbotError
from slackbot.instructions.scopes import NOTHING, ChangeRecord, Scope, ScopeSettings
from slackbot.instructions.yaml_file import InstructionsFile, entries_from
from slackbot.slack.client import web_client
from slackbot.slack.identity import identify
from slackbot.store import open_store
from slackbot.store.sqlite import SqliteStore


@click.group
def instructions() -> None:
    """Export the history of the instructions, or import a file."""


@instructions.command
@click.pass_obj
def export(environment: Mapping[str, str]) -> None:
    """Print every change as a line of JSON, oldest first.

    A line says when, who and where, and what was set before and after.
    """
    asyncio.run(_export(environment))


@instructions.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def import_(environment: Mapping[str, str], file: Path) -> None:
    """Set what a YAML file says.

    FILE sets all of it or, if there is a mistake in it, nothing. Channels that it does not name
    stay as they are.
    """
    asyncio.run(_import(environment, _read(file)))


async def _export(environment: Mapping[str, str]) -> None:
    store = await open_store(config.database_url(environment), shared=True)
    try:
        for team in await store.teams():
            for change_record in await store.change_records(team):
                click.echo(json.dumps(_told(change_record), ensure_ascii=False))
    finally:
        await store.close()


async def _import(environment: Mapping[str, str], entries: InstructionsFile) -> None:
    store = await open_store(config.database_url(environment), shared=True, create=True)
    try:
        team = entries.team or await _own_team(environment, store)
        for channel, setup in entries.setups.items():
            done = await _set(store, Scope(team, channel), setup)
            click.echo(f"{channel or 'workspace'}: {done}")
    finally:
        await store.close()


async def _set(store: SqliteStore, scope: Scope, setup: ScopeSettings) -> str:
    last = await store.last_revision(scope)
    if setup == (NOTHING if last is None else last.settings):
        return "as it was"
    after = 0 if last is None else last.number
    if not await store.amend(scope, "", setup, after=after):
        raise OvertakenError
    return f"changed (number {after + 1})"


async def _own_team(environment: Mapping[str, str], store: SqliteStore) -> str:
    """That of the bot's token; without one the only workspace that the database knows."""
    known = await store.teams()
    if len(known) == 1 and not environment.get("SLACK_BOT_TOKEN"):
        return known[0]
    slack = config.slack_settings(environment)
    async with web_client(slack.api_url, slack.bot_token.get_secret_value()) as client:
        return (await identify(client)).team


def _read(file: Path) -> InstructionsFile:
    try:
        return entries_from(yaml.load(file.read_text("utf-8"), _Loader))  # noqa: S506 - a safe one
    except (OSError, UnicodeError) as err:
        raise SlackbotError(f"{file} can't be read: see to its name and its permissions.") from err
    except (yaml.YAMLError, RecursionError) as err:
        mark = getattr(err, "problem_mark", None)
        where = "" if mark is None else f", line {mark.line + 1}"
        raise SlackbotError(f"{file} is no YAML{where}.") from err
    except SlackbotError as err:
        raise SlackbotError(f"{file}: {err.user_message}") from err


class _Loader(yaml.SafeLoader):
    """Takes no name twice: YAML would let the last one count, and a careless merge go unseen."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - PyYAML's
        names = [str(key.value) for key, _ in node.value]
        for name, count in Counter(names).items():
            if count > 1:
                line = node.start_mark.line + 1
                raise InstructionsError(
                    f"{name} stands twice in the list that begins in line {line}."
                )
        return super().construct_mapping(node, deep)


def _told(change_record: ChangeRecord) -> dict[str, Any]:
    scope, revision = change_record.scope, change_record.revision
    return {
        "at": datetime.fromtimestamp(revision.at, UTC).isoformat(),
        "user": revision.user or None,
        "team": scope.team,
        "channel": scope.channel or None,
        "thread": scope.thread or None,
        "number": revision.number,
        "restores": revision.restores,
        "before": asdict(change_record.before),
        "after": asdict(revision.settings),
    }

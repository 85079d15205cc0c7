"""`slackbot backup`: copies the database to a file. The bot may be running."""

from collections.abc import Mapping
from pathlib import Path

import click

from slackbot import config
from slackbot.cli.sqlite_file import sqlite_file
from slackbot.store.sqlite.backup import back_up

POSTGRESQL = (
    "The database is PostgreSQL's, which has a command of its own for this: run "
    '`pg_dump --format=custom --file=FILE "$DATABASE_URL"`.'
)


@click.command
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@click.pass_obj
def backup(environment: Mapping[str, str], file: Path, *, force: bool) -> None:
    """Copy the database to a file, also while the bot runs.

    The copy is checked, and only you can read it. It holds what people wrote to the bot: keep it
    where others can't read it.
    """
    path = sqlite_file(config.database_url(environment), POSTGRESQL)
    report = back_up(path, file, overwrite=force)
    click.echo(f"Backed up to {file}: {report}.")

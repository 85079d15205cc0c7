"""`slackbot restore`: puts a backup in the place of the database."""

from collections.abc import Mapping
from pathlib import Path

import click

from slackbot import config
from slackbot.cli.sqlite_file import sqlite_file
from slackbot.store.sqlite.restore import prepared

POSTGRESQL = (
    "The database is PostgreSQL's, which has a command of its own for this: create an empty "
    "database, run `pg_restore --no-owner --single-transaction --dbname=ADDRESS FILE`, and set "
    "DATABASE_URL to its address."
)


@click.command
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.pass_obj
def restore(environment: Mapping[str, str], file: Path, *, yes: bool) -> None:
    """Put a backup in the place of the database.

    Stop the bot first. The database that was there is kept next to the new one.
    """
    path = sqlite_file(config.database_url(environment), POSTGRESQL)
    with prepared(path, file) as restoration:
        if not yes:
            click.confirm(f"Replace {path} by {file} ({restoration.report})?", abort=True)
        kept = restoration.replace()
    click.echo(f"Restored {path}: {restoration.report}.")
    if kept is not None:
        click.echo(f"The database that was there is {kept} now: delete it when you are sure.")

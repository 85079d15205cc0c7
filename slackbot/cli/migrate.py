"""`slackbot migrate`: copies everything from one database to another."""

import sys
from contextlib import AbstractContextManager, ExitStack

import click

from slackbot.cli.sqlite_file import sqlite_file
from slackbot.errors import ConfigError, SlackbotError, StoreError
from slackbot.store import is_shared
from slackbot.store.sqlite.transfer_end import sqlite_source, sqlite_target
from slackbot.store.transfer import TransferEnd, TransferReport, transfer

MISSING = (
    "A part of the bot is missing that PostgreSQL needs: run `pip install 'slackbot[postgres]'`."
)


@click.command
@click.argument("source")
@click.argument("target")
def migrate(source: str, target: str) -> None:
    """Copy everything from one database to another.

    SOURCE and TARGET are addresses as in DATABASE_URL, such as sqlite:///slackbot.db and
    postgresql://user@host/slackbot. TARGET must be empty. Stop the bot first. SOURCE stays as it
    is. If this is interrupted, run it again.
    """
    if source == target:
        raise click.UsageError("SOURCE and TARGET are the same database.")
    with ExitStack() as stack:
        from_ = _open(stack, "source", source)
        to = _open(stack, "target", target)
        report = _transfer(from_, to)
    _say(report, _name(source), _name(target))


def _transfer(source: TransferEnd, target: TransferEnd) -> TransferReport:
    """Shows how far it is where somebody looks."""
    if not sys.stderr.isatty():
        return transfer(source, target)
    length = 2 * source.count()
    label = "Copying, then comparing"
    with click.progressbar(length=length, label=label, file=sys.stderr) as bar:
        return transfer(source, target, bar.update)


def _say(report: TransferReport, source: str, target: str) -> None:
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(report.counts.items()))
    done = "were copied before" if report.done_before else "are copied and compared"
    click.echo(f"All {report.rows:,} rows of {source} {done}: {kinds or 'it is empty'}.")
    if report.aside:
        click.echo(
            f"{report.aside:,} of them the bot can't read, and they are under corrupt/migration/."
        )
    click.echo(f"Set DATABASE_URL to the address of {target}, and start the bot.")


def _open(stack: ExitStack, role: str, address: str) -> TransferEnd:
    """Raises SlackbotError, which says which address is wrong, and does not repeat it."""
    try:
        return stack.enter_context(_end(role, address))
    except (ConfigError, StoreError) as err:
        problem = err.user_message.replace("DATABASE_URL", "its address")
        raise SlackbotError(f"The {role}: {problem}") from err


def _end(role: str, address: str) -> AbstractContextManager[TransferEnd]:
    if is_shared(address):
        try:
            from slackbot.store.postgres.transfer_end import postgres_end  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise SlackbotError(MISSING) from error
        return postgres_end(address)
    path = sqlite_file(address, "")
    return sqlite_source(path) if role == "source" else sqlite_target(path)


def _name(address: str) -> str:
    """The address without user, password and options."""
    if not is_shared(address):
        return address
    from slackbot.store.postgres.opening import shown  # noqa: PLC0415 - an extra

    return shown(address)

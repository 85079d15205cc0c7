"""`slackbot workspaces`: lists who has installed the app, and removes a workspace.

The bot may be running: it notices within a minute.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

import click

from slackbot import config
from slackbot.config import OAuthSettings, SlackSettings
from slackbot.conversation.ids import EnterpriseId, TeamId
from slackbot.errors import ConfigError, SlackbotError, SlackError
from slackbot.markdown.hidden_characters import for_terminal
from slackbot.slack.manifest import OPTIONAL_SCOPES, scopes
from slackbot.slack.oauth.client import oauth_client
from slackbot.slack.oauth.uninstalling import uninstall
from slackbot.store import DeletionReport, RecordStore, open_store
from slackbot.workspaces.deletion import InstallationDeletion
from slackbot.workspaces.encryption import Encryption
from slackbot.workspaces.installations import Installation, InstallationKey
from slackbot.workspaces.installed import InstalledWorkspaces
from slackbot.workspaces.token_encryption import EncryptionError, TokenEncryption

ATTEMPTS = 3
"""How often a workspace is deleted that changes meanwhile."""


@click.group
def workspaces() -> None:
    """List who has installed the app, or remove a workspace."""


@workspaces.command("list")
@click.pass_obj
def list_(environment: Mapping[str, str]) -> None:
    """Print a line for each workspace and organisation that has installed the app."""
    asyncio.run(_list(config.database_url(environment)))


@workspaces.command
@click.argument("team")
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.pass_obj
def remove(environment: Mapping[str, str], team: str, *, yes: bool) -> None:
    """Uninstall the app from TEAM, and delete everything stored about it.

    TEAM is a workspace, T…, or an organisation, E…, with all its workspaces.
    """
    asyncio.run(_remove(environment, team, asks=not yes))


async def _list(database_url: str) -> None:
    store = await open_store(database_url, shared=True)
    try:
        installations = await store.installations()
    finally:
        await store.close()
    if not installations:
        click.echo("No workspace has installed the app.")
    width = max((len(str(each.key)) for each in installations), default=0)
    for each in installations:
        line = f"{each.key!s:{width}}  {', '.join(_facts(each))}"
        click.echo(for_terminal(line))  # people choose the names of their workspaces


def _facts(installation: Installation) -> list[str]:
    name = (
        installation.enterprise_name
        if installation.is_for_organisation
        else (installation.team_name)
    )
    facts = [name or "(no name)"]
    if installation.is_being_removed:
        return [*facts, "is being removed"]
    if installation.is_for_organisation:
        facts.append("organisation-wide")
    elif installation.key.enterprise:
        facts.append(f"organisation {installation.enterprise_name} ({installation.key.enterprise})")
    if installation.uses_organisation:
        return [*facts, "uses the organisation's installation"]
    facts.append(f"installed {_time(installation.installed_at)} by {installation.installer}")
    if missing := missing_scopes(installation):
        facts.append(f"lacks {' '.join(missing)}")
    if installation.expires_at is not None:
        facts.append(f"token expires {_time(installation.expires_at)}")
    return facts


def missing_scopes(installation: Installation) -> list[str]:
    """The scopes that the bot needs and the installation lacks."""
    return sorted(scopes() - OPTIONAL_SCOPES - set(installation.scopes))


def _time(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"


async def _remove(environment: Mapping[str, str], team: str, *, asks: bool) -> None:
    slack = config.slack_settings(environment)
    if slack.installs is None:
        raise ConfigError(
            "SLACK_CLIENT_ID",
            "is not set: this command is for a bot that serves several workspaces.",
        )
    store = await open_store(config.database_url(environment), shared=True)
    try:
        installation = await store.installation(_key(team))
        if installation is None:
            raise SlackbotError(
                f"{team} has not installed the app: `slackbot workspaces list` shows who has."
            )
        if asks:
            whose = installation.team_name or installation.enterprise_name
            click.confirm(
                for_terminal(f"Delete everything that is stored about {whose} ({team})?"),
                abort=True,
            )
        click.echo(await _uninstall(slack, slack.installs, store, installation))
        click.echo(f"Deleted: {await _delete(store, installation)}.")
    finally:
        await store.close()


def _key(team: str) -> InstallationKey:
    if team.startswith("E"):
        return InstallationKey(TeamId(""), EnterpriseId(team))
    return InstallationKey(TeamId(team))


async def _uninstall(
    slack: SlackSettings, installs: OAuthSettings, store: RecordStore, installation: Installation
) -> str:
    """Says what became of the app at Slack."""
    if installation.is_being_removed:
        return "The app was removed before, and its deletion was interrupted."
    if installation.uses_organisation:
        return (
            "The organisation's installation still serves it: an organisation admin removes the "
            "app from this workspace in Slack."
        )
    keys = [key.get_secret_value() for key in installs.encryption_keys]
    installed = InstalledWorkspaces(store, TokenEncryption(Encryption(keys)))
    problem = "remove the app from it in Slack, or its admins do."
    try:
        token = installed.tokens(installation).bot
        async with oauth_client(slack) as client:
            is_done = await uninstall(client, installs, token)
    except EncryptionError:
        return f"Its token can't be decrypted, so the app is still installed: {problem}"
    except SlackError as err:
        return f"{err.user_message} The app is still installed: {problem} ({err.detail})"
    return "The app is uninstalled." if is_done else "The app was uninstalled before."


async def _delete(store: RecordStore, installation: Installation) -> DeletionReport:
    """Raises StoreError."""
    report = DeletionReport()

    async def forget(team: TeamId) -> None:
        nonlocal report
        report += await store.forget_team(team)

    deletion, now = InstallationDeletion(store, forget), installation
    for _ in range(ATTEMPTS):
        if await deletion.delete(now):
            return report
        found = await store.installation(installation.key)
        if found is None:  # the bot has deleted it
            return report
        now = found
    raise SlackbotError(f"{installation.key} is being installed again: nothing was deleted.")

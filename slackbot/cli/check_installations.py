"""The lines of `slackbot check` about the workspaces that have installed the app."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from slackbot.cli.check_line import Caution
from slackbot.cli.workspaces import missing_scopes
from slackbot.config import OAuthSettings, Settings
from slackbot.errors import ConfigError, DeliveryError, SlackbotError, SlackError, StoreError
from slackbot.slack import texts
from slackbot.slack.api_calls import call
from slackbot.slack.identity import socket_address
from slackbot.slack.manifest import manifest
from slackbot.slack.oauth.client import OAuthClient, oauth_client
from slackbot.slack.oauth.flow import REDIRECT_PATH
from slackbot.store import RecordStore, open_store
from slackbot.workspaces.encryption import Encryption
from slackbot.workspaces.installations import Installation
from slackbot.workspaces.installed import InstalledWorkspaces
from slackbot.workspaces.token_encryption import EncryptionError, TokenEncryption

MAX_ASKED_AT_ONCE = 10

ANSWER_TIMEOUT_SECONDS = 10.0
"""For each token: one workspace whose Slack hangs does not hold up the others for longer."""

NO_CODE = "slackbot-check"
"""Slack knows no such code. That it says so means that it has accepted the credentials."""

NOT_DECRYPTED = "SLACKBOT_ENCRYPTION_KEY does not decrypt it"

CREDENTIALS = {
    "invalid_client_id": ("SLACK_CLIENT_ID", "Client ID"),
    "bad_client_secret": ("SLACK_CLIENT_SECRET", "Client Secret"),
}
"""What is wrong, by the code with which Slack refuses to look at anything else."""


async def check_installations(settings: Settings, installs: OAuthSettings) -> AsyncIterator[str]:
    """A line for each part that works. Raises SlackbotError for one that does not.

    A workspace that has removed the app, or whose Slack does not answer, is a caution: it must not
    keep all others from a new version.
    """
    async with oauth_client(settings.slack) as client:
        await _check_credentials(client, installs)
        yield "client ID and client secret"
        if settings.slack.app_token is not None:
            await socket_address(client, settings.slack.app_token.get_secret_value())
            yield "app token, for Socket Mode"
        else:
            yield f"signing secret, for HTTP on port {settings.port}"
        yield (
            f"the redirect URL must be https://YOUR-HOST{REDIRECT_PATH}, on the page “OAuth & "
            f"Permissions”; port {settings.port} serves it"
        )
        is_on = manifest()["settings"]["org_deploy_enabled"]
        yield (
            f"organisation-wide installations are {'on' if is_on else 'off'} in manifest.yml "
            "(org_deploy_enabled)"
        )
        async with _stored(settings) as (store, installations):
            if store is not None:
                async for line in _check_tokens(client, installs, store, installations):
                    yield line


@asynccontextmanager
async def _stored(
    settings: Settings,
) -> AsyncIterator[tuple[RecordStore | None, Sequence[Installation]]]:
    """Where that can't be read, another line of the check says why."""
    try:
        store = await open_store(settings.database_url, shared=True)
    except StoreError:
        yield None, ()
        return
    try:
        yield store, await store.installations()
    finally:
        await store.close()


async def _check_credentials(client: OAuthClient, installs: OAuthSettings) -> None:
    secret = installs.client_secret.get_secret_value()
    try:
        await call(
            "oauth.v2.access",
            client.oauth_v2_access(
                client_id=installs.client_id, client_secret=secret, code=NO_CODE
            ),
        )
    except DeliveryError as err:
        if err.code in CREDENTIALS:
            variable, name = CREDENTIALS[err.code]
            advice = f"copy the {name} again from the page “Basic Information”."
            problem = texts.REFUSED_AT_START.format(code=err.code, advice=advice)
            raise ConfigError(variable, problem) from err


async def _check_tokens(
    client: OAuthClient,
    installs: OAuthSettings,
    store: RecordStore,
    installations: Sequence[Installation],
) -> AsyncIterator[str]:
    keys = [key.get_secret_value() for key in installs.encryption_keys]
    installed = InstalledWorkspaces(store, TokenEncryption(Encryption(keys)))
    own = [each for each in installations if each.sealed_tokens]
    slots = asyncio.Semaphore(MAX_ASKED_AT_ONCE)

    async def problem(installation: Installation) -> str:
        try:
            token = installed.tokens(installation).bot
            async with slots, asyncio.timeout(ANSWER_TIMEOUT_SECONDS):
                await call("auth.test", client.auth_test(token=token))
        except EncryptionError:
            return NOT_DECRYPTED
        except TimeoutError:
            return "Slack does not answer"
        except SlackError as err:
            return err.detail
        if missing := missing_scopes(installation):
            return f"lacks {' '.join(missing)}: install the app there again"
        return ""

    problems = await asyncio.gather(*map(problem, own))
    found = [(each.key, what) for each, what in zip(own, problems, strict=True) if what]
    yield f"{len(own) - len(found)} installation(s) with a token that works"
    line = (
        f"These installations do not work: {', '.join(f'{key} ({what})' for key, what in found)}."
    )
    if any(what == NOT_DECRYPTED for _, what in found):
        raise SlackbotError(line)
    if found:  # only their admins can do something about it
        yield Caution(line)

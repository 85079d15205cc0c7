"""Renews tokens that expire, hours before they do.

A token that renews others works once, and for a moment longer: an answer of Slack's that is lost
must be asked for again at once. One replica does that; the others read what it has stored.
https://docs.slack.dev/authentication/using-token-rotation
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

from slack_sdk.errors import SlackTokenRotationError
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator

from slackbot.background import note_outcome
from slackbot.backoff import pause
from slackbot.config import OAuthSettings
from slackbot.conversation.ids import TeamId
from slackbot.errors import ForeignAnswerError, SlackbotError, SlackError, StoreError
from slackbot.slack.oauth import texts
from slackbot.slack.oauth.client import OAuthClient
from slackbot.slack.oauth.installation_store import bot_from
from slackbot.workspaces.installations import Installation, InstallationKey, InstallationStore, Now
from slackbot.workspaces.installed import Access, InstalledWorkspaces
from slackbot.workspaces.token_encryption import BotTokens, EncryptionError

logger = logging.getLogger(__name__)

RENEWAL_SECONDS = 2 * 3_600
"""How long before it expires a token is renewed; it works for twelve hours, and goes on working
when the next one is there. The clock of the machine that got it may be wrong by an hour.
"""

CLAIM_SECONDS = 60
"""How long another replica leaves a renewal to the one that has begun it."""

TICK_SECONDS = 60.0

MIN_TICK_SECONDS = 1.0
"""However often it is woken: each look reads all installations."""

MAX_RENEWALS = 10
"""At once: after a night without the bot, the tokens of all workspaces have expired."""

RETRY_PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds between attempts to get an answer from Slack."""

ALWAYS_MINUTES = 10**9
"""Makes slack-sdk renew a token whenever it is asked to."""

OnChange = Callable[[InstallationKey], None]
"""Told that an installation has other tokens than a minute before, or none any more, whichever
replica changed that.
"""


class TokenRotation:
    def __init__(
        self,
        store: InstallationStore,
        installed: InstalledWorkspaces,
        client: OAuthClient,
        settings: OAuthSettings,
        on_change: OnChange,
        now: Now | None = None,
    ) -> None:
        """`now` is the store's clock by default: those of the replicas may differ."""
        self._store = store
        self._installed = installed
        self._rotator = AsyncTokenRotator(
            client_id=settings.client_id,
            client_secret=settings.client_secret.get_secret_value(),
            client=client,
        )
        self._on_change = on_change
        self._now = now or store.now
        self._woken = asyncio.Event()
        self._slots = asyncio.Semaphore(MAX_RENEWALS)
        self._seen: dict[InstallationKey, str] = {}
        """The encrypted tokens of each installation, as they were last read."""
        self._renewals: dict[str, asyncio.Task[bool]] = {}
        """By the encrypted tokens that are renewed. None is cancelled: Slack may have answered."""
        self._refused: set[str] = set()
        """Encrypted tokens that Slack does not renew any more."""

    async def access(self, team: TeamId) -> Access | None:
        """As `InstalledWorkspaces.access`, with a token that works for a while."""
        access = await self._installed.access(team)
        if access is not None and self._is_due(access.installation, await self._now()):
            await self._renew_or_log(access.installation)
            access = await self._installed.access(team)
        if access is not None:  # what uses it is told when it changes, or goes
            installation = access.installation
            self._seen.setdefault(installation.key, installation.sealed_tokens)
        return access

    async def run(self) -> None:
        """Renews what is due, and notices what others have renewed, until it is cancelled."""
        while True:
            self._woken.clear()
            await self.tick()
            await asyncio.sleep(min(MIN_TICK_SECONDS, TICK_SECONDS))
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK_SECONDS):
                    await self._woken.wait()

    def wake(self) -> None:
        """Another replica has changed installations: `run` looks now."""
        self._woken.set()

    async def tick(self) -> None:
        """Looks at all installations once."""
        try:
            now = await self._now()
            due = (each for each in await self._store.installations() if self._is_due(each, now))
            await asyncio.gather(*map(self._renew_or_log, due))
            installations = await self._store.installations()
        except StoreError as err:
            logger.warning("The installations can't be read: %s", err.user_message)
            return
        before, self._seen = self._seen, {each.key: each.sealed_tokens for each in installations}
        for key, sealed in before.items():
            if self._seen.get(key) != sealed:
                self._on_change(key)

    async def renew(self, installation: Installation) -> bool:
        """Renews the tokens of an installation; False if Slack refuses that for good.

        Does nothing if another replica is about to, or has done it. Raises SlackError if Slack does
        not answer, and StoreError or EncryptionError.
        """
        sealed = installation.sealed_tokens
        if sealed in self._refused:
            return False
        renewal = self._renewals.get(sealed)
        if renewal is None:
            renewal = self._renewals[sealed] = asyncio.create_task(self._renew(installation))
            renewal.add_done_callback(partial(self._end, sealed))
        await asyncio.wait({renewal})
        return renewal.result()

    async def close(self) -> None:
        """Waits for the renewals under way."""
        if self._renewals:
            await asyncio.wait(self._renewals.values())

    def _end(self, sealed: str, renewal: asyncio.Task[bool]) -> None:
        del self._renewals[sealed]
        note_outcome(renewal)  # nobody may wait for it any more

    async def _renew(self, installation: Installation) -> bool:
        now = int(await self._now())
        began = installation.refreshing_since
        if began is not None and abs(now - began) < CLAIM_SECONDS:
            return True
        tokens = self._installed.tokens(installation)
        claimed = replace(installation, refreshing_since=now)
        if not await self._store.replace_installation(installation, claimed):
            return True
        try:
            renewed = await self._ask(bot_from(installation, tokens))
        except SlackTokenRotationError as err:
            self._refused.add(installation.sealed_tokens)
            code = err.api_error.response.get("error")
            logger.error(  # noqa: TRY400 - it says all
                texts.NOT_RENEWED.format(key=installation.key, code=code)
            )
            return False
        except SlackError:
            await self._store.replace_installation(claimed, installation)
            raise
        await self._save(claimed, renewed)
        return True

    async def _ask(self, bot: Bot) -> Bot:
        """Asks Slack again at once where it is not known whether it has renewed the tokens."""
        for seconds in (*RETRY_PAUSES, None):
            try:
                renewed = await self._rotator.perform_bot_token_rotation(
                    bot=bot, minutes_before_expiration=ALWAYS_MINUTES
                )
                if renewed is not None:
                    return renewed
                error: SlackError = ForeignAnswerError("oauth.v2.access", "no bot token")
            except (KeyError, TypeError, ValueError):
                error = ForeignAnswerError("oauth.v2.access", "no new token")
            except SlackError as err:
                error = err
            if seconds is not None:
                await asyncio.sleep(seconds)
        raise error

    async def _save(self, before: Installation, renewed: Bot) -> None:
        """Tries until it is stored: Slack gives these tokens to nobody else."""
        tokens = BotTokens(renewed.bot_token, renewed.bot_refresh_token or "")
        failures, is_stored = 0, False
        while not is_stored:
            try:
                now = await self._store.installation(before.key)
                if now is None or now.sealed_tokens != before.sealed_tokens:
                    return  # it was removed, or the app was installed again
                changed = replace(
                    now, expires_at=renewed.bot_token_expires_at, refreshing_since=None
                )
                after = self._installed.sealed(changed, tokens)
                is_stored = await self._store.replace_installation(now, after)
            except StoreError as err:
                failures += 1
                logger.warning("New tokens are not stored yet: %s", err.user_message)
                await asyncio.sleep(pause(failures))
        logger.info("The token of %s was renewed", before.key)

    async def _renew_or_log(self, installation: Installation) -> None:
        try:
            async with self._slots:
                await self.renew(installation)
        except EncryptionError as err:
            self._refused.add(installation.sealed_tokens)
            logger.error("%s", err.user_message)  # noqa: TRY400 - it says all
        except SlackbotError as err:
            logger.warning(
                "The token of %s is not renewed yet: %s", installation.key, err.user_message
            )

    def _is_due(self, installation: Installation, now: float) -> bool:
        expires_at, sealed = installation.expires_at, installation.sealed_tokens
        return (
            expires_at is not None
            and bool(sealed)
            and sealed not in self._refused
            and expires_at - now < RENEWAL_SECONDS
        )

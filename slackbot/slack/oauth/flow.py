"""Installs the app: `/slack/install` leads to Slack, which leads back to `/slack/oauth_redirect`.

slack-bolt exchanges the code and checks the state. Whatever goes wrong has a page that says what to
do. https://docs.slack.dev/authentication/installing-with-oauth
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from slack_bolt.oauth.async_callback_options import (
    AsyncCallbackOptions,
    AsyncFailureArgs,
    AsyncSuccessArgs,
)
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.oauth.installation_store import Installation as SdkInstallation

from slackbot.config import OAuthSettings
from slackbot.errors import SlackError, StoreError
from slackbot.slack.addresses import app_address, authorize_address
from slackbot.slack.manifest import scopes
from slackbot.slack.oauth import pages, texts
from slackbot.slack.oauth.client import OAuthClient
from slackbot.slack.oauth.installation_store import StoredInstallations, installation_from
from slackbot.slack.oauth.states import EncryptedStates, StateCookie, UsedStates
from slackbot.workspaces.encryption import Encryption
from slackbot.workspaces.installations import InstallationKey
from slackbot.workspaces.installed import InstalledWorkspaces, StillRemovingError

logger = logging.getLogger(__name__)

INSTALL_PATH = "/slack/install"

REDIRECT_PATH = "/slack/oauth_redirect"

ADD_WORKSPACES = "{organisation}manage/organization/apps/profile/{app}/workspaces/add"
"""Where admins of an organisation add an app to its workspaces; slack-bolt knows this address."""

CALLBACK_SECONDS = 8.0
"""How long Slack's answers and the store may take: the person's connection is closed at 10 s."""

OnInstalled = Callable[[InstallationKey], Awaitable[None]]
"""Told about each installation once it is stored."""


class InstallFlow(AsyncOAuthFlow):
    """Both methods that slack-bolt calls handlers always return a page."""

    def __init__(
        self,
        settings: OAuthSettings,
        client: OAuthClient,
        installed: InstalledWorkspaces,
        encryption: Encryption,
        used: UsedStates,
        on_installed: OnInstalled,
    ) -> None:
        quiet = logging.getLogger(f"{__name__}.bolt")
        quiet.setLevel(logging.ERROR)  # its warnings repeat the code
        flow_settings = AsyncOAuthSettings(
            client_id=settings.client_id,
            client_secret=settings.client_secret.get_secret_value(),
            scopes=sorted(scopes()),
            user_scopes=[],
            authorization_url=authorize_address(client.base_url),
            install_path=INSTALL_PATH,
            redirect_uri_path=REDIRECT_PATH,
            callback_options=AsyncCallbackOptions(self._succeed, self._fail),
            installation_store=StoredInstallations(installed),
            state_store=EncryptedStates(encryption, used),
            logger=quiet,
        )
        flow_settings.state_utils = StateCookie()
        super().__init__(client=client, logger=quiet, settings=flow_settings)
        self._on_installed = on_installed

    async def build_authorize_url(self, state: str, request: AsyncBoltRequest) -> str:  # noqa: ARG002 - slack-bolt's
        """Takes nothing from the request: its query could ask for other scopes."""
        return self.settings.authorize_url_generator.generate(state=state)

    async def build_install_page_html(self, url: str, request: AsyncBoltRequest) -> str:  # noqa: ARG002 - slack-bolt's
        return pages.install_page(url)

    async def handle_callback(self, request: AsyncBoltRequest) -> BoltResponse:
        try:
            async with asyncio.timeout(CALLBACK_SECONDS):
                return await super().handle_callback(request)
        except (SlackError, TimeoutError) as err:
            return self._failure("slack_down", err)
        except StillRemovingError as err:
            return self._failure("still_removing", err)
        except StoreError as err:
            return self._failure("not_stored", err)

    async def run_installation(self, code: str) -> SdkInstallation | None:
        """Returns None if Slack refuses the code, or gives no bot token for it."""
        installation = await super().run_installation(code)
        if installation is None or not installation.bot_token:
            return None
        key = installation_from(installation).key
        return installation if key.team or key.enterprise else None

    async def _succeed(self, args: AsyncSuccessArgs) -> BoltResponse:
        installation, sdk = installation_from(args.installation), args.installation
        logger.info("The app was installed: %s", installation.key)
        await self._on_installed(installation.key)
        address = app_address(self.client.base_url, installation.app, installation.key.team)
        page = pages.success_page(texts.INSTALLED, texts.OPEN_SLACK, address)
        if installation.is_for_organisation:
            address = ADD_WORKSPACES.format(organisation=sdk.enterprise_url, app=installation.app)
            page = pages.success_page(
                texts.INSTALLED_FOR_ORGANISATION, texts.ADD_TO_WORKSPACES, address
            )
        used = self.settings.state_utils.build_set_cookie_for_deletion()
        return BoltResponse(status=200, body=page, headers={"Set-Cookie": [used]})

    async def _fail(self, args: AsyncFailureArgs) -> BoltResponse:
        return self._failure(args.reason, args.error)

    def _failure(self, reason: str, err: BaseException | None) -> BoltResponse:
        """The page for a reason; it shows nothing of what came with the request."""
        detail = type(err).__name__ if err is not None else "no error"
        logger.warning("An installation failed: %.60r (%s)", reason, detail)
        explanation = texts.EXPLANATIONS.get(reason, texts.REFUSED_BY_SLACK)
        return BoltResponse(
            status=explanation.status,
            headers={"Content-Type": "text/html; charset=utf-8"},
            body=pages.failure_page(explanation, INSTALL_PATH),
        )

"""oauth.v2.access, as Slack's own client calls it."""

import time
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError, SlackTokenRotationError
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from slackbot.playground.fake_slack.installations import (
    CODE_LIFETIME_SECONDS,
    TOKEN_LIFETIME_SECONDS,
)
from slackbot.playground.fake_slack.platform import SlackPlatform
from slackbot.playground.fake_slack.workspace import Workspace

REDIRECT_URI = "https://bot.test/slack/oauth_redirect"


@pytest.fixture
def workspace(platform: SlackPlatform) -> Workspace:
    return platform.add_workspace("First")


class OAuthClient(AsyncWebClient):
    """Slack's client without a token, which sends the app's credentials as HTTP Basic.

    slack_sdk does so with an object that aiohttp has deprecated, and warnings are errors here.
    """

    def __init__(self, platform: SlackPlatform, session: aiohttp.ClientSession) -> None:
        super().__init__(base_url=platform.url, session=session, retry_handlers=[])
        self.client_id = platform.app.client_id
        self.client_secret = platform.app.client_secret

    async def oauth_v2_access(
        self, *, client_id: str, client_secret: str, **kwargs: Any
    ) -> AsyncSlackResponse:
        headers = {"Authorization": aiohttp.encode_basic_auth(client_id, client_secret)}
        return await self.api_call("oauth.v2.access", data=kwargs, headers=headers)

    async def exchange(self, code: str, redirect_uri: str = REDIRECT_URI) -> dict[str, Any]:
        return await self._access(code=code, redirect_uri=redirect_uri)

    async def refresh(self, refresh_token: str) -> dict[str, Any]:
        return await self._access(grant_type="refresh_token", refresh_token=refresh_token)

    async def error(self, token: str) -> str:
        """The error of a call with this token, "" if it works."""
        try:
            await self.auth_test(token=token)
        except SlackApiError as err:
            return str(err.response["error"])
        return ""

    async def _access(self, **kwargs: Any) -> dict[str, Any]:
        answer = await self.oauth_v2_access(
            client_id=self.client_id, client_secret=self.client_secret, **kwargs
        )
        assert isinstance(answer.data, dict)
        return answer.data


@pytest.fixture
def oauth(platform: SlackPlatform, session: aiohttp.ClientSession) -> OAuthClient:
    return OAuthClient(platform, session)


async def test_installing(
    platform: SlackPlatform, workspace: Workspace, oauth: OAuthClient
) -> None:
    """The code is exchanged for a token with the approved scopes, which works at once."""
    ann = workspace.add_person("ann")
    approval = platform.approve(
        workspace, redirect_uri=REDIRECT_URI, scopes=["chat:write"], installer=ann
    )
    assert not workspace.has_app
    answer = await oauth.exchange(approval.code)
    assert answer == {
        "ok": True,
        "access_token": workspace.bot_token,
        "token_type": "bot",
        "scope": "chat:write",
        "bot_user_id": workspace.bot.id,
        "app_id": platform.app.app_id,
        "team": {"id": workspace.team.team_id, "name": "First"},
        "enterprise": None,
        "is_enterprise_install": False,
        "authed_user": {"id": ann.id},
    }
    test = await oauth.auth_test(token=workspace.bot_token)
    assert (test["team_id"], test["user_id"]) == (workspace.team.team_id, workspace.bot.id)
    assert test.headers["x-oauth-scopes"] == "chat:write"


async def test_a_code_works_once(
    platform: SlackPlatform, workspace: Workspace, oauth: OAuthClient
) -> None:
    """A code is refused the second time, after ten minutes, and for another redirect URL."""
    codes = [platform.approve(workspace, redirect_uri=REDIRECT_URI).code for _ in range(3)]
    await oauth.exchange(codes[0])
    with pytest.raises(SlackApiError, match="invalid_code"):
        await oauth.exchange(codes[0])
    with pytest.raises(SlackApiError, match="bad_redirect_uri"):
        await oauth.exchange(codes[1], "https://elsewhere.test/")
    platform.move_clock(CODE_LIFETIME_SECONDS)
    with pytest.raises(SlackApiError, match="invalid_code"):
        await oauth.exchange(codes[2])


async def test_the_apps_credentials(
    platform: SlackPlatform, workspace: Workspace, oauth: OAuthClient
) -> None:
    """Only the app itself can exchange a code; a refused call does not use it up."""
    code = platform.approve(workspace, redirect_uri=REDIRECT_URI).code
    secret = oauth.client_secret
    oauth.client_secret = "guessed"
    with pytest.raises(SlackApiError, match="bad_client_secret"):
        await oauth.exchange(code)
    oauth.client_secret, client_id = secret, oauth.client_id
    oauth.client_id = "1.2"
    with pytest.raises(SlackApiError, match="invalid_client_id"):
        await oauth.exchange(code)
    oauth.client_id = client_id
    assert (await oauth.exchange(code))["ok"]


async def test_installing_again(
    platform: SlackPlatform, workspace: Workspace, oauth: OAuthClient
) -> None:
    """The app keeps its token and gets the new scopes; after a removal the token is another."""
    first = await oauth.exchange(
        platform.approve(workspace, redirect_uri=REDIRECT_URI, scopes=["chat:write"]).code
    )
    second = await oauth.exchange(
        platform.approve(workspace, redirect_uri=REDIRECT_URI, scopes=["commands"]).code
    )
    assert second["access_token"] == first["access_token"]
    assert second["scope"] == "chat:write,commands"
    platform.feed.connection_timeout = workspace.feed.connection_timeout = 0.0
    await workspace.uninstall()
    third = await oauth.exchange(
        platform.approve(workspace, redirect_uri=REDIRECT_URI, scopes=["commands"]).code
    )
    assert third["access_token"] != first["access_token"]
    assert third["scope"] == "commands"
    assert await oauth.error(first["access_token"]) == "account_inactive"
    assert await oauth.error(third["access_token"]) == ""


async def test_tokens_rotate(
    platform: SlackPlatform, workspace: Workspace, oauth: OAuthClient
) -> None:
    """A token expires after twelve hours; its refresh token gets another pair, once."""
    platform.installations.rotates_tokens = True
    first = await oauth.exchange(platform.approve(workspace, redirect_uri=REDIRECT_URI).code)
    assert first["expires_in"] == TOKEN_LIFETIME_SECONDS
    assert first["access_token"].startswith("xoxe.xoxb-")
    platform.move_clock(TOKEN_LIFETIME_SECONDS - 60)
    assert await oauth.error(first["access_token"]) == ""
    second = await oauth.refresh(first["refresh_token"])
    assert await oauth.error(first["access_token"]) == ""
    platform.move_clock(60)
    assert await oauth.error(first["access_token"]) == "token_expired"
    assert await oauth.error(second["access_token"]) == ""
    with pytest.raises(SlackApiError, match="invalid_refresh_token"):
        await oauth.refresh(first["refresh_token"])
    assert (await oauth.refresh(second["refresh_token"]))["ok"]


async def test_a_used_refresh_token_has_a_grace_period(
    platform: SlackPlatform, workspace: Workspace, oauth: OAuthClient
) -> None:
    """Slack revokes a refresh token shortly after its use: until then it works once more."""
    platform.installations.rotates_tokens = True
    platform.installations.refresh_grace_seconds = 10.0
    first = await oauth.exchange(platform.approve(workspace, redirect_uri=REDIRECT_URI).code)
    for _ in range(2):
        await oauth.refresh(first["refresh_token"])
    platform.move_clock(10)
    with pytest.raises(SlackApiError, match="invalid_refresh_token"):
        await oauth.refresh(first["refresh_token"])


async def test_two_tokens_at_most(
    platform: SlackPlatform, workspace: Workspace, oauth: OAuthClient
) -> None:
    """The third token that works at the same time ends the first."""
    platform.installations.rotates_tokens = True
    pair = await oauth.exchange(platform.approve(workspace, redirect_uri=REDIRECT_URI).code)
    tokens = [pair["access_token"]]
    for _ in range(2):
        pair = await oauth.refresh(pair["refresh_token"])
        tokens.append(pair["access_token"])
    assert [await oauth.error(token) for token in tokens] == ["token_revoked", "", ""]


async def test_slacks_own_rotator(
    platform: SlackPlatform, workspace: Workspace, oauth: OAuthClient
) -> None:
    """slack_sdk's token rotator gets a pair that works; after a removal it gets none."""
    platform.installations.rotates_tokens = True
    first = await oauth.exchange(platform.approve(workspace, redirect_uri=REDIRECT_URI).code)
    rotator = AsyncTokenRotator(
        client=oauth, client_id=oauth.client_id, client_secret=oauth.client_secret
    )
    installation = Installation(
        user_id="U1",
        team_id=workspace.team.team_id,
        bot_token=first["access_token"],
        bot_refresh_token=first["refresh_token"],
        bot_token_expires_at=int(time.time()) + 60,
    )
    rotated = await rotator.perform_token_rotation(installation=installation)
    assert rotated is not None
    assert rotated.bot_token == workspace.bot_token
    assert await oauth.error(rotated.bot_token) == ""
    workspace.feed.connection_timeout = 0.0
    await workspace.uninstall()
    with pytest.raises(SlackTokenRotationError):
        await rotator.perform_token_rotation(installation=installation)


async def test_another_grant_type(oauth: OAuthClient) -> None:
    """Slack knows two grant types."""
    with pytest.raises(SlackApiError, match="invalid_grant_type"):
        await oauth.oauth_v2_access(
            client_id=oauth.client_id, client_secret=oauth.client_secret, grant_type="password"
        )


async def test_credentials_as_arguments(
    platform: SlackPlatform, workspace: Workspace, oauth: OAuthClient
) -> None:
    """The credentials can be arguments of the call, too."""
    arguments = {
        "client_id": oauth.client_id,
        "client_secret": oauth.client_secret,
        "code": platform.approve(workspace).code,
    }
    await oauth.api_call("oauth.v2.access", params=arguments)
    assert workspace.has_app

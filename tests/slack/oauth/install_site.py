"""The pages of a bot for several workspaces, and a browser that visits them."""

import html
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import aiohttp

from slackbot import config
from slackbot.config import SlackSettings
from slackbot.slack.http_server import listening
from slackbot.slack.oauth.client import oauth_client
from slackbot.slack.oauth.flow import INSTALL_PATH, REDIRECT_PATH, InstallFlow
from slackbot.slack.oauth.routes import install_routes
from slackbot.store import RecordStore
from slackbot.workspaces.encryption import Encryption
from slackbot.workspaces.installations import InstallationKey
from slackbot.workspaces.installed import InstalledWorkspaces
from slackbot.workspaces.token_encryption import TokenEncryption
from tests.config import ENCRYPTION_KEY, OAUTH
from tests.slack.oauth.oauth_server import CLIENT_ID, CLIENT_SECRET, OAuthServer


def slack_settings(server: OAuthServer, **changes: str) -> SlackSettings:
    own = {"SLACK_API_URL": server.url}
    client = {"SLACK_CLIENT_ID": CLIENT_ID, "SLACK_CLIENT_SECRET": CLIENT_SECRET}
    return config.slack_settings({**OAUTH, **own, **client, **changes})


@dataclass
class Page:
    status: int
    text: str
    headers: Mapping[str, str]
    cookies: list[str]

    @property
    def title(self) -> str:
        found = re.search(r"<h[12]>(.*?)</h[12]>", self.text)
        return html.unescape(found[1]) if found else ""

    @property
    def links(self) -> list[str]:
        return [html.unescape(each) for each in re.findall(r'<a href="([^"]*)"', self.text)]

    @property
    def button(self) -> str:
        """Where its button leads."""
        return self.links[0]


@dataclass
class Browser:
    """Keeps cookies as a browser does that trusts the host: aiohttp sends no secure ones here."""

    port: int
    session: aiohttp.ClientSession
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, **query: str) -> Page:
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        async with self.session.get(
            f"http://127.0.0.1:{self.port}{path}",
            params=query,
            headers={"Cookie": kept} if kept else {},
        ) as response:
            cookies = response.headers.getall("Set-Cookie", [])
            for cookie in cookies:
                name, _, value = cookie.partition(";")[0].partition("=")
                if "Max-Age" in cookie:
                    self.cookies[name] = value
                else:
                    self.cookies.pop(name, None)
            return Page(response.status, await response.text(), dict(response.headers), cookies)

    async def begin(self) -> str:
        """Opens the install page. Returns the state with which its button leads to Slack."""
        page = await self.get(INSTALL_PATH)
        return parse_qs(urlsplit(page.button).query)["state"][0]

    async def come_back(self, **query: str) -> Page:
        """Slack leads the browser back."""
        return await self.get(REDIRECT_PATH, **query)


@dataclass
class Site:
    server: OAuthServer
    store: RecordStore
    installed: InstalledWorkspaces
    flow: InstallFlow
    port: int
    session: aiohttp.ClientSession
    told: list[InstallationKey]
    """The installations that the rest of the bot was told about."""

    def browser(self) -> Browser:
        return Browser(self.port, self.session)


@asynccontextmanager
async def serving(
    server: OAuthServer, store: RecordStore, *keys: str, **changes: str
) -> AsyncIterator[Site]:
    """A replica that serves the pages while the block runs."""
    settings = slack_settings(server, **changes)
    assert settings.installs is not None
    encryption = Encryption(keys or [ENCRYPTION_KEY])
    installed = InstalledWorkspaces(store, TokenEncryption(encryption))
    told: list[InstallationKey] = []

    async def tell(key: InstallationKey) -> None:
        told.append(key)

    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(oauth_client(settings))
        flow = InstallFlow(settings.installs, client, installed, encryption, store, tell)
        port = await stack.enter_async_context(listening(0, *install_routes(flow)))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        yield Site(server, store, installed, flow, port, session, told)

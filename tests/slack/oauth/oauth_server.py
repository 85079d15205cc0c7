"""The part of Slack that hands out tokens: a small server with codes, tokens and organisations."""

import asyncio
import itertools
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from slackbot.playground.local_server import LocalServer

CLIENT_ID, CLIENT_SECRET = "111.222", "c11ent"

LIFETIME_SECONDS = 43_200


@dataclass
class App:
    """An installation, as Slack knows it."""

    team: str
    enterprise: str = ""
    is_for_organisation: bool = False
    tokens: list[str] = field(default_factory=list)
    """Bot tokens that work."""
    refresh: list[str] = field(default_factory=list)
    """Refresh tokens that work."""
    teams: list[str] = field(default_factory=list)
    """The workspaces that an organisation-wide installation serves."""


class OAuthServer(LocalServer):
    """`lost` are methods whose next answer is lost on the way, after it took effect."""

    def __init__(self) -> None:
        self.rotates = False
        """Whether tokens expire."""
        self.codes: dict[str, App] = {}
        self.apps: list[App] = []
        self.expired: set[str] = set()
        self.answers: dict[str, list[web.Response]] = {}
        """What a method answers next, instead of doing something."""
        self.lost: list[str] = []
        self.calls: list[tuple[str, Mapping[str, str]]] = []
        self._called = asyncio.Condition()
        self._numbers = itertools.count(1)
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._answer)
        super().__init__(app, cancels_requests=False)

    @property
    def url(self) -> str:
        return f"http://{self.address}/api/"

    def methods(self) -> list[str]:
        return [method for method, _ in self.calls]

    async def called(self, method: str, *, times: int = 1) -> None:
        """Waits until a method was called so often."""
        async with self._called:
            await self._called.wait_for(lambda: self.methods().count(method) >= times)

    def install(self, app: App) -> App:
        """Somebody agreed, and the code was exchanged."""
        self._renew(app)
        self.apps.append(app)
        return app

    def uninstall(self, app: App) -> None:
        self.apps.remove(app)

    async def _answer(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        fields = {**request.query, **(await request.post())}
        arguments = {name: str(value) for name, value in fields.items()}
        scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
        if scheme == "Basic":
            client_id, _, client_secret = b64decode(credentials).decode().partition(":")
            arguments |= {"client_id": client_id, "client_secret": client_secret}
        arguments.setdefault("token", credentials)
        self.calls.append((method, arguments))
        async with self._called:
            self._called.notify_all()
        if self.answers.get(method):
            return self.answers[method].pop(0)
        answer = getattr(self, "_" + method.replace(".", "_"))(arguments)
        if method in self.lost:
            self.lost.remove(method)
            assert request.transport is not None
            request.transport.close()
        return web.json_response(answer)

    def _oauth_v2_access(self, arguments: Mapping[str, str]) -> dict[str, Any]:
        if arguments.get("client_id") != CLIENT_ID:
            return refusal("invalid_client_id")
        if arguments.get("client_secret") != CLIENT_SECRET:
            return refusal("bad_client_secret")
        if arguments.get("grant_type") == "refresh_token":
            for app in self.apps:
                if arguments["refresh_token"] in app.refresh:
                    self._renew(app)
                    return self._granted(app)
            return refusal("invalid_refresh_token")
        app_of_code = self.codes.pop(arguments.get("code", ""), None)
        if app_of_code is None:
            return refusal("invalid_code")
        return self._granted(self.install(app_of_code))

    def _auth_test(self, arguments: Mapping[str, str]) -> dict[str, Any]:
        app = self._app_of(arguments)
        if isinstance(app, str):
            return refusal(app)
        return {
            "ok": True,
            "url": "https://example.slack.com/",
            "team": "Example",
            "user": "assistant",
            "team_id": app.enterprise if app.is_for_organisation else app.team,
            "user_id": "UBOT",
            "bot_id": "BBOT",
            "is_enterprise_install": app.is_for_organisation,
        }

    def _auth_teams_list(self, arguments: Mapping[str, str]) -> dict[str, Any]:
        app = self._app_of(arguments)
        if isinstance(app, str):
            return refusal(app)
        first = int(arguments.get("cursor") or 0)
        page, after = app.teams[first : first + 2], first + 2
        cursor = str(after) if after < len(app.teams) else ""
        return {
            "ok": True,
            "teams": [{"id": team, "name": team} for team in page],
            "response_metadata": {"next_cursor": cursor},
        }

    def _apps_uninstall(self, arguments: Mapping[str, str]) -> dict[str, Any]:
        app = self._app_of(arguments)
        if isinstance(app, str):
            return refusal(app)
        if arguments.get("client_secret") != CLIENT_SECRET:
            return refusal("bad_client_secret")
        self.uninstall(app)
        return {"ok": True}

    def _auth_revoke(self, arguments: Mapping[str, str]) -> dict[str, Any]:
        app = self._app_of(arguments)
        if isinstance(app, str):
            return refusal(app)
        app.tokens.remove(arguments["token"])
        return {"ok": True, "revoked": True}

    def _app_of(self, arguments: Mapping[str, str]) -> App | str:
        """The installation of a token, or the code of the refusal."""
        token = arguments["token"]
        if token in self.expired:
            return "token_expired"
        return next((app for app in self.apps if token in app.tokens), "account_inactive")

    def _renew(self, app: App) -> None:
        """At most two bot tokens work at a time; used refresh tokens work for a while.

        https://docs.slack.dev/authentication/using-token-rotation
        """
        number = next(self._numbers)
        prefix = "xoxe.xoxb" if self.rotates else "xoxb"
        app.tokens = [*app.tokens, f"{prefix}-{number}-secret"][-2:]
        app.refresh += [f"xoxe-{number}-secret"] if self.rotates else []

    def _granted(self, app: App) -> dict[str, Any]:
        expiring = {"refresh_token": "".join(app.refresh[-1:]), "expires_in": LIFETIME_SECONDS}
        return {
            "ok": True,
            "access_token": app.tokens[-1],
            "token_type": "bot",
            "scope": "chat:write,commands",
            "bot_user_id": "UBOT",
            "app_id": "A1",
            "team": None if app.is_for_organisation else {"id": app.team, "name": "Example"},
            "enterprise": {"id": app.enterprise, "name": "Group"} if app.enterprise else None,
            "is_enterprise_install": app.is_for_organisation,
            "authed_user": {"id": "UANA"},
            **(expiring if self.rotates else {}),
        }


def refusal(code: str) -> dict[str, Any]:
    return {"ok": False, "error": code}

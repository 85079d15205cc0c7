"""Where the app is installed, and the tokens that it has got for that.

https://docs.slack.dev/authentication/installing-with-oauth
https://docs.slack.dev/authentication/using-token-rotation
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.ids import IdGenerator
from slackbot.playground.fake_slack.members import Organisation, Team

TOKEN_LIFETIME_SECONDS = 12 * 60 * 60
CODE_LIFETIME_SECONDS = 10 * 60
MAX_ACTIVE_TOKENS = 2
"""A third token of an installation ends the oldest one."""


@dataclass(slots=True, eq=False)
class IssuedToken:
    """A bot token. Without token rotation it never expires."""

    value: str
    installation: "AppInstallation"
    expires_at: float = math.inf
    """In seconds, by the clock of `AppInstallations`."""
    refresh_token: str = ""
    error: str = ""
    """With what each call with it is refused, such as token_revoked; "" if it works."""


@dataclass(slots=True, eq=False)
class AppInstallation:
    """The app in a workspace, or in an organisation if `team` is None."""

    bot_user: str
    team: Team | None
    organisation: Organisation | None
    scopes: set[str]
    installer: str = ""
    """The id of the person who has approved it."""
    error: str = ""
    """With what each call with any of its tokens is refused; "" while it lasts."""
    is_uninstalled: bool = False
    tokens: list[IssuedToken] = field(default_factory=list)
    """All that were issued, the newest last."""


@dataclass(frozen=True, slots=True)
class InstallApproval:
    """A person's click on Allow. `code` can be exchanged for a token, once and for ten minutes."""

    code: str
    redirect_uri: str
    redirect_url: str
    """Where Slack sends the browser: `redirect_uri` with the code and the state."""
    installation: AppInstallation
    """It counts from the exchange of the code on."""
    expires_at: float


class AppInstallations:
    """All installations of the app, and its tokens. `clock` returns seconds; tests can move it."""

    def __init__(self, ids: IdGenerator, clock: Callable[[], float]) -> None:
        self._ids = ids
        self.clock = clock
        self.rotates_tokens = False
        """Whether the app has token rotation turned on."""
        self.refresh_grace_seconds = 0.0
        """For how long a refresh token works once more after its use; Slack only says "short"."""
        self._all: list[AppInstallation] = []
        self._tokens: dict[str, IssuedToken] = {}
        self._refresh_tokens: dict[str, tuple[AppInstallation, float]] = {}
        """Each with the time until which it works."""
        self._approvals: dict[str, InstallApproval] = {}

    def __iter__(self) -> Iterator[AppInstallation]:
        """The installations that last."""
        return (each for each in self._all if not each.is_uninstalled)

    def of(self, place: Team | Organisation) -> AppInstallation | None:
        """Returns the installation in this workspace alone, or in this whole organisation."""
        for each in self:
            if place == (each.organisation if each.team is None else each.team):
                return each
        return None

    def add(self, installation: AppInstallation, token: str = "") -> IssuedToken:
        """Adds an installation, or more scopes to an earlier one; returns its newest token.

        Without token rotation an app that is installed again keeps its token. `token` is the one
        that it gets, instead of a new one.
        """
        place = installation.team or installation.organisation
        earlier = None if place is None else self.of(place)
        if earlier is not None and not earlier.error:
            earlier.scopes |= installation.scopes
            return self.issue(earlier) if self.rotates_tokens else earlier.tokens[-1]
        if earlier is not None:
            earlier.is_uninstalled = True
        self._all.append(installation)
        return self.issue(installation, token)

    def issue(self, installation: AppInstallation, value: str = "") -> IssuedToken:
        """Issues a token; more than two that work at once end the oldest."""
        if self.rotates_tokens:
            token = IssuedToken(
                self._ids.secret("xoxe.xoxb-1-"),
                installation,
                self.clock() + TOKEN_LIFETIME_SECONDS,
                self._ids.secret("xoxe-1-"),
            )
            self._refresh_tokens[token.refresh_token] = installation, math.inf
        else:
            token = IssuedToken(value or self._ids.secret("xoxb-"), installation)
        self._tokens[token.value] = token
        installation.tokens.append(token)
        active = [each for each in installation.tokens if not self.error(each)]
        for each in active[:-MAX_ACTIVE_TOKENS]:
            each.error = "token_revoked"
        return token

    def refresh(self, refresh_token: str) -> IssuedToken:
        """Exchanges a refresh token for a new pair; the token before works until it expires.

        Raises RefusedError for one that is unknown, used or revoked.
        """
        installation, ends = self._refresh_tokens.get(refresh_token, (None, -math.inf))
        if installation is None or installation.error or self.clock() >= ends:
            raise RefusedError("invalid_refresh_token")
        ends = min(ends, self.clock() + self.refresh_grace_seconds)
        self._refresh_tokens[refresh_token] = installation, ends
        return self.issue(installation)

    def find(self, token: str) -> IssuedToken | None:
        return self._tokens.get(token)

    def error(self, token: IssuedToken) -> str:
        """Returns the error with which calls with this token are refused, "" if it works.

        https://docs.slack.dev/reference/methods/auth.test#errors
        """
        if token.installation.error or token.error:
            return token.installation.error or token.error
        return "token_expired" if self.clock() >= token.expires_at else ""

    def approve(
        self, installation: AppInstallation, redirect_uri: str, redirect_to: Callable[[str], str]
    ) -> InstallApproval:
        """Keeps what a person has approved until its code is exchanged."""
        code = self._ids.secret()
        expires_at = self.clock() + CODE_LIFETIME_SECONDS
        approval = InstallApproval(code, redirect_uri, redirect_to(code), installation, expires_at)
        self._approvals[code] = approval
        return approval

    def exchange(self, code: str, redirect_uri: str) -> IssuedToken:
        """Installs the app, and returns its token. Raises RefusedError."""
        approval = self._approvals.pop(code, None)
        if approval is None or self.clock() >= approval.expires_at:
            raise RefusedError("invalid_code")
        if redirect_uri != approval.redirect_uri:
            raise RefusedError("bad_redirect_uri")
        return self.add(approval.installation)

    def revoke(self, token: IssuedToken) -> bool:
        """Revokes a token; returns whether that ends the installation.

        With token rotation it does not: https://docs.slack.dev/authentication/using-token-rotation
        """
        token.error = "token_revoked"
        if not token.refresh_token:
            token.installation.error = "token_revoked"
        return not token.refresh_token

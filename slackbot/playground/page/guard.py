"""Refuses requests that do not come from the page itself, in the browser of who started it.

Every user of the machine can reach a server on 127.0.0.1, and so can every page in the browser. A
token in the path, which is new at each start, keeps other users out. A cookie would not: browsers
send it to all ports of 127.0.0.1, no matter who listens there. The Host header reveals foreign
names that resolve to 127.0.0.1 (DNS rebinding), the browser's own headers reveal requests from
other pages:
https://developer.mozilla.org/en-US/docs/Web/HTTP/Headers/Sec-Fetch-Site
"""

import hmac
import secrets
from collections.abc import Awaitable, Callable

from aiohttp import web

ALLOWED_HOSTS = ("127.0.0.1", "localhost")
ALLOWED_FETCH_SITES = ("same-origin", "none")
"""`none` means that a person typed the address."""

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types sanitised"
)
"""Nothing from other hosts, nothing inline; only one function may insert HTML (parts/dom.js)."""

FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""For uploaded files: whatever they contain, they can't run scripts."""

SECURITY_HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

TOKEN_BYTES = 24

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Guard:
    """Guards an application whose paths all begin with `/{token}`."""

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(TOKEN_BYTES)

    @web.middleware
    async def check(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answers requests from elsewhere with 403 and a reason."""
        reason = self._refusal_reason(request)
        if reason:
            return web.Response(status=403, text=f"{reason}\n", headers=SECURITY_HEADERS)
        return await handler(request)

    def _refusal_reason(self, request: web.Request) -> str:
        """Returns why a request is refused, or ""."""
        host = request.headers.get("Host", "")
        name, _, port = host.partition(":")
        transport = request.transport
        ours = transport.get_extra_info("sockname")[1] if transport else None
        if name not in ALLOWED_HOSTS or port != str(ours):
            return "The playground answers only at its own address."
        token = request.match_info.get("token", "")
        if not hmac.compare_digest(token.encode(), self.token.encode()):
            return "Open the address that the playground prints in its terminal."
        site = request.headers.get("Sec-Fetch-Site", "same-origin")
        if site not in ALLOWED_FETCH_SITES and not self._opens_the_page(request):
            return "The playground does not answer other pages."
        origin = request.headers.get("Origin")
        if origin not in (None, f"http://{host}"):
            return "The playground does not answer other pages."
        if request.method != "GET" and origin is None:
            return "Only the playground's own page can change it."
        return ""

    def _opens_the_page(self, request: web.Request) -> bool:
        """Whether the browser shows the page itself, as after a click on its address elsewhere."""
        mode = request.headers.get("Sec-Fetch-Mode"), request.headers.get("Sec-Fetch-Dest")
        return request.path == f"/{self.token}/" and mode == ("navigate", "document")


async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Adds the security headers that a response does not set itself."""
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)

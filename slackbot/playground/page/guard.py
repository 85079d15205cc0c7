"""Refuses requests that do not come from the page itself, in a browser on this machine.

Every page in the browser can reach a server on 127.0.0.1. The Host header reveals foreign names
that resolve to it (DNS rebinding), the browser's own headers reveal requests from other pages:
https://developer.mozilla.org/en-US/docs/Web/HTTP/Headers/Sec-Fetch-Site
"""

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

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answers requests from elsewhere with 403 and a reason."""
    reason = _refusal_reason(request)
    if reason:
        return web.Response(status=403, text=f"{reason}\n", headers=SECURITY_HEADERS)
    return await handler(request)


async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Adds the security headers that a response does not set itself."""
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)


def _refusal_reason(request: web.Request) -> str:
    """Returns why a request is refused, or ""."""
    host = request.headers.get("Host", "")
    name, _, port = host.partition(":")
    transport = request.transport
    ours = transport.get_extra_info("sockname")[1] if transport else None
    if name not in ALLOWED_HOSTS or port != str(ours):
        return "The playground answers only at its own address."
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ALLOWED_FETCH_SITES:
        return "The playground does not answer other pages."
    origin = request.headers.get("Origin")
    if origin not in (None, f"http://{host}"):
        return "The playground does not answer other pages."
    if request.method != "GET" and origin is None:
        return "Only the playground's own page can change it."
    return ""

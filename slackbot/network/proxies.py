"""Which proxy an address is reached through: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY.

The rules are those of Python's `urllib.request.getproxies` and of curl, of which each library
follows a part: https://everything.curl.dev/usingproxies/env.html. Of two spellings the lower-case
one wins. In addition, this machine itself is never reached through a proxy, as in Go and browsers.
"""

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

from slackbot.errors import ConfigError
from slackbot.network import texts
from slackbot.network.no_proxy import NO_EXCEPTIONS, NoProxy, is_this_machine

DEFAULT_PORTS = {"http": 80, "https": 443}

TLS_SCHEMES = frozenset({"https", "wss"})
"""What HTTPS_PROXY is for. HTTP_PROXY is for the others: http and ws."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy, which is spoken to over TLS where its address says https://."""

    address: str
    """Without user name and password: http://proxy.example.com:3128."""
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """Its host and port, for people."""
        return self.address.partition("://")[2]

    @property
    def headers(self) -> dict[str, str]:
        """What it wants in addition. https://www.rfc-editor.org/rfc/rfc9110#section-11.7.2"""
        if not (self.user or self.password):
            return {}
        return {"Proxy-Authorization": f"Basic {self._token}"}

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be logged, as it is and as it stands in an address or a header."""
        if not self.password:
            return ()
        return self.password, quote(self.password, safe=""), self._token

    @property
    def _token(self) -> str:
        return b64encode(f"{self.user}:{self.password}".encode()).decode()


@dataclass(frozen=True, slots=True)
class Proxies:
    """The proxies for http:// and https://, and what is reached without one."""

    http: Proxy | None = None
    https: Proxy | None = None
    exceptions: NoProxy = NO_EXCEPTIONS

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Proxies":
        """Raises ConfigError for an address that can't be used."""
        exceptions = NoProxy.parse(_variable(environment, "NO_PROXY")[1])
        if exceptions.everything:
            return cls(exceptions=exceptions)
        return cls(_read(environment, "HTTP_PROXY"), _read(environment, "HTTPS_PROXY"), exceptions)

    def for_url(self, url: str) -> Proxy | None:
        """The proxy that an http, https, ws or wss address is reached through; None for none."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if is_this_machine(host):
            return None
        is_tls = parts.scheme in TLS_SCHEMES
        port = parts.port or DEFAULT_PORTS["https" if is_tls else "http"]
        return None if self.exceptions.names(host, port) else self._of_scheme(parts.scheme)

    def way_to(self, url: str) -> str:
        """A few words for people: "through proxy.example.com:3128". Never with a password."""
        proxy = self.for_url(url)
        if proxy is not None:
            return texts.THROUGH.format(proxy=proxy.name)
        parts = urlsplit(url)
        if self._of_scheme(parts.scheme) is None and not self.exceptions.everything:
            return texts.DIRECTLY
        is_here = is_this_machine(parts.hostname or "")
        return texts.DIRECTLY_HERE if is_here else texts.DIRECTLY_BY_RULE

    def _of_scheme(self, scheme: str) -> Proxy | None:
        return self.https if scheme in TLS_SCHEMES else self.http

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be logged."""
        known = (proxy for proxy in (self.http, self.https) if proxy is not None)
        return tuple(secret for proxy in known for secret in proxy.secrets)


NO_PROXIES = Proxies()


def _variable(environment: Mapping[str, str], name: str) -> tuple[str, str]:
    """The spelling that counts, and its value."""
    for each in (name.lower(), name):
        if each in environment:
            return each, environment[each].strip()
    return name, ""


def _read(environment: Mapping[str, str], name: str) -> Proxy | None:
    for each in (name, "ALL_PROXY"):
        variable, value = _variable(environment, each)
        if value:
            return _parse(variable, value)
    return None


def _parse(variable: str, value: str) -> Proxy:
    """An address without a scheme is an HTTP proxy's, as for curl."""
    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        port = parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:
        raise ConfigError(variable, texts.NOT_A_PROXY) from None  # it may repeat the password
    if parts.scheme.startswith("socks"):
        raise ConfigError(variable, texts.SOCKS_PROXY)
    host = parts.hostname or ""
    if parts.scheme not in DEFAULT_PORTS or not re.fullmatch(r"[\w.-]+|[0-9a-f:.]+", host):
        raise ConfigError(variable, texts.NOT_A_PROXY)
    shown = f"[{host}]" if ":" in host else host
    return Proxy(
        f"{parts.scheme}://{shown}:{port}",
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )

"""Where the model's server is: what people paste into OPENAI_BASE_URL, taken apart.

Azure has two forms of its own. In the older one the path names a deployment and the query an
api-version; in the newer one the path ends in /openai/v1.
https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

NOT_AN_ADDRESS = (
    "is not a web address: start it with https:// or http:// and a host, for example "
    "http://localhost:8000/v1."
)
HAS_BLANKS = "contains a blank: copy the address again."
HAS_A_FRAGMENT = "contains a #, which no server sees: leave out the # and what follows it."
NO_API_VERSION = (
    "names a deployment of Azure's but no api-version: end it with, for example, "
    "?api-version=2024-10-21."
)

AZURE_DOMAINS = (".openai.azure.com", ".services.ai.azure.com", ".cognitiveservices.azure.com")

_ENDPOINTS = re.compile(r"/(chat/completions|completions|responses|(?<=/v1/)models)/*$")
"""What is at the end of an address that was copied from an example of a request."""

_DEPLOYMENT = re.compile(r"(?P<path>.*/openai)/deployments/(?P<name>[^/]+)$")

_SECRET_NAMES = re.compile(r"key|token|secret|password|code|sig", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ModelAddress:
    origin: str
    """Such as `https://example.org:8000`."""
    path: str
    """Without a slash at its end, and without Azure's deployment."""
    query: Mapping[str, str] = field(default_factory=dict)
    """Goes with every request."""
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    has_deployments: bool = False
    """Each request's path names a deployment, as in the older form of Azure's."""
    deployment: str = ""
    """The one that the address names; without one it is the model."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError with a sentence that completes one that begins with the variable."""
        parts = _split(text)
        host = (parts.hostname or "").lower()
        port = f":{parts.port}" if parts.port is not None else ""
        path = _ENDPOINTS.sub("", parts.path).rstrip("/")
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        deployment = ""
        if named := _DEPLOYMENT.match(path):
            path, deployment = named["path"], unquote(named["name"])
            if "api-version" not in query:
                raise ValueError(NO_API_VERSION)
        if is_azure_host(host) and path in {"", "/openai"}:
            path = "/openai" if "api-version" in query else "/openai/v1"
        return cls(
            f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}",
            path,
            query,
            unquote(parts.username or ""),
            unquote(parts.password or ""),
            bool(deployment) or (path == "/openai" and "api-version" in query),
            deployment,
        )

    @property
    def host(self) -> str:
        return urlsplit(self.origin).hostname or ""

    @property
    def url(self) -> str:
        """Without its query and credentials."""
        return self.origin + self.path

    @property
    def is_azure(self) -> bool:
        """Whether the server takes keys as Azure's does, and lists models that are not deployed."""
        return self.has_deployments or is_azure_host(self.host)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The parts that must never be printed or logged."""
        values = [value for name, value in self.query.items() if _SECRET_NAMES.search(name)]
        return tuple(secret for secret in (self.password, *values) if secret)

    def at(self, origin: str) -> str:
        """The same address at another host, such as a proxy's, with all that belongs to it."""
        scheme, _, host = origin.partition("://")
        login = f"{quote(self.user, '')}:{quote(self.password, '')}@" if self.has_login else ""
        deployment = f"/deployments/{quote(self.deployment, '')}" if self.deployment else ""
        query = f"?{urlencode(self.query)}" if self.query else ""
        return f"{scheme}://{login}{host}{self.path}{deployment}{query}"

    @property
    def has_login(self) -> bool:
        """Whether it holds a user name and a password, for HTTP's Basic authentication."""
        return bool(self.user or self.password)


def is_azure_host(host: str) -> bool:
    return host.endswith(AZURE_DOMAINS)


def _split(text: str) -> SplitResult:
    if re.search(r"\s", text):
        raise ValueError(HAS_BLANKS)
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises ValueError if it is not a number
    except ValueError:
        raise ValueError(NOT_AN_ADDRESS) from None  # the reason may repeat a password
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(NOT_AN_ADDRESS)
    if parts.fragment or text.endswith("#"):
        raise ValueError(HAS_A_FRAGMENT)
    return parts

"""The stage behind a proxy: the same workspace and model, under names that only it knows."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Literal

import trustme

from tests.harness import BotHarness
from tests.proxy_server import ProxyServer

USER, PASSWORD = "bot@corp", "p:ss wörd"
CREDENTIALS = "bot%40corp:p%3Ass%20w%C3%B6rd"
"""The same, as they stand in an address."""

HERE = "0.0.0.0"  # noqa: S104 - leads to this machine, as 127.0.0.1 does, but is a host like others

Scheme = Literal["http", "https"]


class ProxiedHarness:
    """A workspace at slack.test and a model at openai.test, names that only the proxy knows."""

    def __init__(
        self, harness: BotHarness, proxy: ProxyServer, scheme: Scheme, authority: Path
    ) -> None:
        self.bot = harness
        self.proxy = proxy
        harness.workspace.origin = f"{scheme}://slack.test"
        harness.environment |= {
            "SLACK_API_URL": harness.workspace.url,
            "OPENAI_BASE_URL": f"{scheme}://openai.test/v1",
            "HTTP_PROXY": self.address(),
            "HTTPS_PROXY": self.address(),
            "SSL_CERT_FILE": str(authority),
        }

    def address(self, credentials: str = CREDENTIALS) -> str:
        """The proxy's address as people set it."""
        scheme = "https" if self.proxy.over_tls else "http"
        return f"{scheme}://{credentials}@{self.proxy.address}"


Behind = Callable[..., AbstractAsyncContextManager[ProxiedHarness]]


def stage(harness: BotHarness, authority: trustme.CA, folder: Path) -> Behind:
    """Puts the harness behind a proxy; `hosts` are further names that the proxy knows."""
    file = folder / "authority.pem"
    authority.cert_pem.write_to_path(file)

    @asynccontextmanager
    async def behind(
        scheme: Scheme = "https",
        *,
        over_tls: bool = False,
        hosts: Mapping[str, str] | None = None,
    ) -> AsyncIterator[ProxiedHarness]:
        known = {"slack.test": harness.workspace.address, "openai.test": harness.model.address}
        async with ProxyServer(
            {**known, **(hosts or {})},
            authority,
            credentials=f"{USER}:{PASSWORD}",
            over_tls=over_tls,
        ) as proxy:
            yield ProxiedHarness(harness, proxy, scheme, file)

    return behind

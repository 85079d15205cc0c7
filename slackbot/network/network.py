"""The value that every edge gets, to know how it reaches the others."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from slackbot.network.certificates import read_certificates
from slackbot.network.proxies import NO_PROXIES, Proxies


@dataclass(frozen=True, slots=True)
class Network:
    proxies: Proxies = NO_PROXIES
    certificates: ssl.SSLContext | None = None
    """None for those that the system trusts."""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Network":
        """Raises ConfigError for a proxy, a file or a folder that can't be used."""
        return cls(Proxies.read(environment), read_certificates(environment))


DIRECT = Network()
"""Without proxies, and with the system's certificates."""

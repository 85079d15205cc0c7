"""What NO_PROXY says: hosts that are reached without a proxy.

Entries are separated by commas or blanks. Each is a host with all its subdomains (`example.com`,
`.example.com` and `*.example.com` mean the same, as for curl), an IP address or a network
(`10.0.0.0/8`), each with or without a port, or `*` for everything.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network


@dataclass(frozen=True, slots=True)
class _Entry:
    host: str
    network: IPv4Network | IPv6Network | None
    port: int | None

    def names(self, host: str, port: int) -> bool:
        if self.port is not None and self.port != port:
            return False
        if self.network is None:
            return host == self.host or host.endswith(f".{self.host}")
        try:
            return ip_address(host) in self.network
        except ValueError:
            return False


@dataclass(frozen=True, slots=True)
class NoProxy:
    entries: tuple[_Entry, ...] = ()
    everything: bool = False

    @classmethod
    def parse(cls, value: str) -> "NoProxy":
        """An entry that means nothing is ignored, as everywhere."""
        listed = re.split(r"[,\s]+", value)
        parsed = (_parse(each) for each in listed)
        return cls(tuple(entry for entry in parsed if entry.host), "*" in listed)

    def names(self, host: str, port: int) -> bool:
        """Whether a host is reached without a proxy. It is not looked up: a name is no address."""
        name = _normal(host)
        return self.everything or any(entry.names(name, port) for entry in self.entries)


NO_EXCEPTIONS = NoProxy()


def is_this_machine(host: str) -> bool:
    """Whether a host is the machine that the bot runs on, which no proxy can reach for it.

    https://www.rfc-editor.org/rfc/rfc6761#section-6.3
    """
    name = _normal(host)
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def _parse(entry: str) -> _Entry:
    port = None
    if found := re.fullmatch(r"(\[.*\]|[^:]*):(\d+)", entry):
        entry, port = found[1], int(found[2])
    host = _normal(entry.strip("[]").removeprefix("*").lstrip("."))
    try:
        return _Entry(host, ip_network(host, strict=False), port)
    except ValueError:
        return _Entry(host, None, port)


def _normal(host: str) -> str:
    """A name as it is looked up: lower case, and with ASCII letters only."""
    name = host.lower().rstrip(".")
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode()
    except UnicodeError:
        return name

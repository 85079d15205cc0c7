"""What the kernel granted to a process that isolated itself."""

from typing import NamedTuple

FULL_LANDLOCK_VERSION = 6
"""From this version on, Landlock also closes truncation, TCP, abstract sockets and signals."""


class Isolation(NamedTuple):
    landlock: int = 0
    """The version of Landlock's interface; 0 if there is none."""

    seccomp: bool = False
    no_new_privs: bool = False
    namespaces: tuple[str, ...] = ()

    @property
    def lacks(self) -> tuple[str, ...]:
        """The layers without which `SLACKBOT_SANDBOX=required` reads no file."""
        layers = {
            "Landlock": self.landlock > 0,
            "seccomp": self.seccomp,
            "no_new_privs": self.no_new_privs,
        }
        return tuple(name for name, is_granted in layers.items() if not is_granted)

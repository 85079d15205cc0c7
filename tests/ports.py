"""Ports at which nothing listens for a while, although the test's client tries them."""

import secrets
import socket

FIRST, LAST = 10_000, 30_000
"""Below the ports that systems choose themselves, for port 0 and for the client's end of a
connection: from 32768 on under Linux, from 49152 on elsewhere. Tests that run at the same time take
thousands of those.
"""


def quiet_port() -> int:
    """Returns a port of 127.0.0.1 that is free, and stays so until the test listens at it."""
    while True:
        port = FIRST + secrets.randbelow(LAST - FIRST)
        with socket.socket() as tried:
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port

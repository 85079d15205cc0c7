"""What the playground's servers have in common: they are on this machine alone, and end at once."""

from types import TracebackType
from typing import Self

from aiohttp import web

HOST = "127.0.0.1"

SHUTDOWN_TIMEOUT_SECONDS = 0.1
"""Seconds that requests under way get to end by themselves when a server stops."""


class LocalServer:
    """Serves an application between `async with` and its end."""

    def __init__(
        self, app: web.Application, port: int = 0, *, cancels_requests: bool = True
    ) -> None:
        """0 is a free port. `cancels_requests`: a request is given up when whoever made it has gone."""
        self.address = ""
        """Where it is: "127.0.0.1:PORT"."""
        self._port = port
        self._runner = web.AppRunner(
            app,
            access_log=None,
            handler_cancellation=cancels_requests,
            shutdown_timeout=SHUTDOWN_TIMEOUT_SECONDS,
        )

    async def __aenter__(self) -> Self:
        """Raises OSError or OverflowError where the port can't be used."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, HOST, self._port).start()
        except BaseException:
            await self._runner.cleanup()
            raise
        self.address = f"{HOST}:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._runner.cleanup()

"""A small HTTP server on 127.0.0.1, the base of all servers of the playground."""

from types import TracebackType
from typing import Self

from aiohttp import web

HOST = "127.0.0.1"

SHUTDOWN_TIMEOUT_SECONDS = 0.1
"""How long running requests may take to finish when the server stops."""


class LocalServer:
    """Serves an application inside an `async with` block."""

    def __init__(
        self, app: web.Application, port: int = 0, *, cancels_requests: bool = True
    ) -> None:
        """Port 0 picks a free one. `cancels_requests`: a request ends when its client has gone."""
        self.address = ""
        """Host and port: "127.0.0.1:PORT"."""
        self._port = port
        self._runner = web.AppRunner(
            app,
            access_log=None,
            handler_cancellation=cancels_requests,
            shutdown_timeout=SHUTDOWN_TIMEOUT_SECONDS,
        )

    async def __aenter__(self) -> Self:
        """Raises OSError or OverflowError if the port can't be used."""
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

"""A proxy for tests: the only way to hosts whose names nobody else knows, such as slack.test.

It takes CONNECT and requests in absolute form. Behind CONNECT to port 443 it speaks TLS with a
certificate of its own authority, as a company's proxy does that looks into what passes.
https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6
"""

import asyncio
import ssl
from base64 import b64encode
from collections.abc import Collection, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import trustme

from tests.ports import quiet_port

CHUNK_BYTES = 2**16


class ProxyServer:
    def __init__(
        self,
        hosts: Mapping[str, str],
        authority: trustme.CA,
        *,
        credentials: str = "",
        over_tls: bool = False,
        certified: Collection[str] = (),
    ) -> None:
        """`hosts` says at which local address ("127.0.0.1:PORT") each name is.

        `credentials` ("user:password") must come with each connection. `over_tls`: clients speak
        TLS with the proxy itself. Its certificate is for all hosts, or for those `certified`.
        """
        self.asked: list[str] = []
        """What it was asked for: "CONNECT slack.test:443", or "GET http://slack.test/api/x"."""
        self.refusals: dict[str, int] = {}
        """Hosts that it does not let anybody reach, and the status that it answers."""
        self.silent: set[str] = set()
        """Hosts for which it gives no answer at all."""
        self.port = quiet_port()
        self.over_tls = over_tls
        self._hosts = hosts
        self._credentials = credentials
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(*(certified or hosts), "localhost").configure_cert(self._tls)
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    @property
    def address(self) -> str:
        """Its host and port. The host is one that a certificate can be for."""
        return f"localhost:{self.port}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(
            self._accept, "127.0.0.1", self.port, ssl=self._tls if self.over_tls else None
        )

    async def stop(self) -> None:
        """Ends all connections; it can be started again."""
        assert self._server is not None
        self._server.close()
        await self.end_connections()
        await self._server.wait_closed()

    async def end_connections(self) -> None:
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def hosts(self) -> set[str]:
        """The hosts that it was asked for."""
        return {_host(each.split()[1]) for each in self.asked}

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._serve(reader, writer)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        request, *lines = head.decode().rstrip().split("\r\n")
        method, target, _ = request.split()
        self.asked.append(f"{method} {target}")
        headers = {
            name.lower(): value for name, _, value in (each.partition(": ") for each in lines)
        }
        if _host(target) in self.silent:
            await reader.read()  # until the client gives up
            return
        status = self._refusal(headers, _host(target))
        if status:
            writer.write(
                b"HTTP/1.1 %d No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % status
            )
            await writer.drain()
            return
        host, _, port = self._hosts[_host(target)].partition(":")
        upstream_reader, upstream = await asyncio.open_connection(host, int(port))
        try:
            if method == "CONNECT":
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                await writer.drain()
                if target.endswith(":443"):
                    await writer.start_tls(self._tls)
            else:
                upstream.write(head)
            async with asyncio.TaskGroup() as both:
                both.create_task(_pass_on(reader, upstream))
                both.create_task(_pass_on(upstream_reader, writer))
        finally:
            upstream.close()

    def _refusal(self, headers: Mapping[str, str], host: str) -> int:
        if self._credentials:
            token = b64encode(self._credentials.encode()).decode()
            if headers.get("proxy-authorization") != f"Basic {token}":
                return 407
        return self.refusals.get(host, 0 if host in self._hosts else 502)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(CHUNK_BYTES):
        writer.write(chunk)
        await writer.drain()
    writer.close()


def _host(target: str) -> str:
    return urlsplit(target if "://" in target else f"//{target}").hostname or ""

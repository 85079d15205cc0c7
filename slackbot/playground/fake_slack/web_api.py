"""The Web API's front door: who may call, how often, what goes wrong on the way, and the record."""

import asyncio
import math
import socket
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from slackbot.playground.fake_slack import call_arguments, scopes
from slackbot.playground.fake_slack.faults import FaultAnswer, Faults, rate_limited
from slackbot.playground.fake_slack.methods import METHODS, Method
from slackbot.playground.fake_slack.rate_limits import CallLimiter
from slackbot.playground.fake_slack.records import WorkspaceRecords
from slackbot.playground.wire import Json, RefusedError


@dataclass(slots=True, eq=False)
class RecordedCall:
    """A call of a Web API method, from its arrival on. Times are monotonic seconds."""

    method: str
    args: Json
    started: float
    ended: float = math.inf
    """When it was answered, or its connection reset; infinite while it is under way."""
    status: int = 0
    """The HTTP status it was answered with; 0 without an answer."""
    error: str = ""
    answer: Mapping[str, Any] = field(default_factory=dict)
    """The JSON it was answered with."""


class WebApi:
    """Answers calls. Each takes `latency` seconds: half before its effect, half after."""

    def __init__(
        self, records: WorkspaceRecords, limiter: CallLimiter | None, latency: float
    ) -> None:
        self._records = records
        self.limiter = limiter
        """None while nobody is limited."""
        self.latency = latency
        self.calls: list[RecordedCall] = []
        self.faults = Faults()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        args, token = await call_arguments.read(request)
        call = RecordedCall(request.match_info["method"], args, time.monotonic())
        self.calls.append(call)
        self._records.changes.tell()
        try:
            return await self._answer(request, call, token)
        finally:
            call.ended = time.monotonic()
            self._records.changes.tell()

    async def _answer(
        self, request: web.Request, call: RecordedCall, token: str
    ) -> web.StreamResponse:
        fault = self.faults.take(call.method, call.args)
        if fault is not None and fault.kind == "reset_before":
            return _reset(request)
        latency = self.latency
        await asyncio.sleep(latency / 2)
        answer = (
            self._carry_out(call, token) if fault is None or fault.answer is None else fault.answer
        )
        if fault is not None:
            await asyncio.sleep(fault.seconds)
        await asyncio.sleep(latency / 2)
        if fault is not None and fault.kind == "reset_after":
            return _reset(request)
        call.status = answer.status
        call.error = answer.body.get("error", "")
        call.answer = answer.body
        return web.json_response(answer.body, status=answer.status, headers=answer.headers)

    def _carry_out(self, call: RecordedCall, token: str) -> FaultAnswer:
        """Does what is asked, in one piece."""
        headers = {"x-oauth-scopes": ",".join(sorted(self._records.scopes))}
        try:
            method = _method(call.method)
            self._authorise(call.method, token)
            if self.limiter is not None:
                channel = str(call.args.get("channel", ""))
                if retry_after := self.limiter.admit(call.method, channel):
                    return rate_limited(retry_after)
            body = method(self._records, call_arguments.Args(call.args))
        except RefusedError as refusal:
            return FaultAnswer(200, refusal.answer, headers)
        self._records.changes.tell()
        return FaultAnswer(200, {"ok": True, **body}, headers)

    def _authorise(self, method: str, token: str) -> None:
        """https://docs.slack.dev/authentication/tokens"""
        needs_app_token = method == "apps.connections.open"
        if not token:
            raise RefusedError("not_authed")
        if token not in (self._records.bot_token, self._records.app_token):
            raise RefusedError("invalid_auth")
        if (token == self._records.app_token) is not needs_app_token:
            raise RefusedError("not_allowed_token_type")
        if self._records.token_error and not needs_app_token:
            raise RefusedError(self._records.token_error)
        if method in scopes.NEEDED:
            self._records.require(scopes.NEEDED[method])


def _method(name: str) -> Method:
    if name not in METHODS:
        raise RefusedError("unknown_method")
    return METHODS[name]


def _reset(request: web.Request) -> web.StreamResponse:
    """Resets the connection; the response is for aiohttp and reaches nobody."""
    transport = request.transport
    if transport is not None:
        no_linger = struct.pack("ii", 1, 0)
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_linger)
        transport.abort()
    return web.Response()

"""Answers Web API calls: checks tokens and rate limits, injects faults, keeps a record."""

import asyncio
import socket
import struct
import time
from typing import TYPE_CHECKING

from aiohttp import web

from slackbot.playground.fake_slack import authorisation, call_arguments
from slackbot.playground.fake_slack.background_calls import BackgroundCalls
from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.faults import Fault, FaultAnswer, Faults, rate_limited
from slackbot.playground.fake_slack.held_calls import HeldCalls
from slackbot.playground.fake_slack.installations import IssuedToken
from slackbot.playground.fake_slack.methods import APP_METHODS, AUTH_METHODS, METHODS
from slackbot.playground.fake_slack.platform_records import PlatformRecords
from slackbot.playground.fake_slack.recorded_calls import RecordedCall
from slackbot.playground.json_types import Json

if TYPE_CHECKING:
    from slackbot.playground.fake_slack.rate_limits import CallLimiter

KNOWN_METHODS = METHODS.keys() | APP_METHODS.keys() | AUTH_METHODS.keys()


class WebApi:
    """Answers calls. A call takes `latency` seconds, half of them before its effect.

    Each workspace has one of its own, with its own limits, faults and record.
    """

    def __init__(self, platform: PlatformRecords) -> None:
        self._platform = platform
        self.limiter: CallLimiter | None = None
        """None means no limits."""
        self.latency = 0.0
        self.calls: list[RecordedCall] = []
        self.faults = Faults()
        self.held = HeldCalls(platform.changes)
        self._late_effects = BackgroundCalls()

    async def close(self) -> None:
        """Cancels late effects that have not happened yet."""
        await self._late_effects.close()

    async def answer(self, request: web.Request, args: Json, token: str) -> web.StreamResponse:
        call = RecordedCall(request.match_info["method"], args, time.monotonic())
        self.calls.append(call)
        self._platform.changes.notify()
        try:
            return await self._answer(request, call, token)
        finally:
            call.ended = time.monotonic()
            self._platform.changes.notify()

    async def _answer(
        self, request: web.Request, call: RecordedCall, token: str
    ) -> web.StreamResponse:
        fault = self.faults.take(call.method, call.args) or Fault("none")
        if fault.kind == "reset_before":
            return _reset(request)
        if fault.kind == "late":
            self._late_effects.run(self._carry_out_late(call, token, fault.seconds))
            return _reset(request) if fault.answer is None else _respond(call, fault.answer)
        await asyncio.sleep(self.latency / 2)
        if fault.kind == "delay":
            await self.held.wait(call, fault.seconds)
        if fault.kind == "answer_after":
            self._carry_out(call, token)
        answer = fault.answer or self._carry_out(call, token)
        if fault.kind == "hang":
            await self.held.wait(call, fault.seconds)
        await asyncio.sleep(self.latency / 2)
        if fault.kind == "reset_after":
            return _reset(request)
        return _respond(call, answer)

    async def _carry_out_late(self, call: RecordedCall, token: str, seconds: float | None) -> None:
        await self.held.wait(call, seconds)
        self._carry_out(call, token)

    def _carry_out(self, call: RecordedCall, token: str) -> FaultAnswer:
        """Carries out a call at once, without waiting."""
        access = self._platform.installations.find(token)
        headers = {}
        if access is not None:
            headers["x-oauth-scopes"] = ",".join(sorted(access.installation.scopes))
        try:
            _check_method(call.method)
            of_app = call.method in APP_METHODS
            authorisation.check(self._platform, call.method, token, of_app=of_app)
            if self.limiter is not None:
                channel = str(call.args.get("channel", ""))
                if retry_after := self.limiter.admit(call.method, channel):
                    return rate_limited(retry_after)
            body = self._run(call.method, call.args, access)
        except RefusedError as refusal:
            return FaultAnswer(200, refusal.answer, headers)
        self._platform.changes.notify()
        return FaultAnswer(200, {"ok": True, **body}, headers)

    def _run(self, method: str, args: Json, access: IssuedToken | None) -> Json:
        arguments = call_arguments.CallArguments(args)
        if method in APP_METHODS:
            return APP_METHODS[method](self._platform, arguments)
        assert access is not None  # noqa: S101 - authorisation.check has seen to it
        if method in AUTH_METHODS:
            return AUTH_METHODS[method](self._platform, arguments, access)
        workspace = authorisation.workspace_of(self._platform, access, args)
        if workspace is None:
            raise RefusedError("missing_argument", arg="team_id")
        return METHODS[method](workspace, arguments)


def _check_method(name: str) -> None:
    if name not in KNOWN_METHODS:
        raise RefusedError("unknown_method")


def _respond(call: RecordedCall, answer: FaultAnswer) -> web.Response:
    """Answers a call and records the answer."""
    call.status = answer.status
    call.error = answer.body.get("error", "")
    call.answer = answer.body
    return respond(answer)


def respond(answer: FaultAnswer) -> web.Response:
    """Sends an answer."""
    if answer.raw is not None:
        return web.Response(body=answer.raw, status=answer.status, headers=answer.headers)
    return web.json_response(answer.body, status=answer.status, headers=answer.headers)


def _reset(request: web.Request) -> web.StreamResponse:
    """Resets the connection. The returned response satisfies aiohttp; nobody gets it."""
    transport = request.transport
    if transport is not None:
        no_linger = struct.pack("ii", 1, 0)
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_linger)
        transport.abort()
    return web.Response()

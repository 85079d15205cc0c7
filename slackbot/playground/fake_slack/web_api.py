"""Answers Web API calls: checks tokens and rate limits, injects faults, keeps a record."""

import asyncio
import socket
import struct
import time

from aiohttp import web

from slackbot.playground.fake_slack import call_arguments, scopes
from slackbot.playground.fake_slack.background_calls import BackgroundCalls
from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.faults import Fault, FaultAnswer, Faults, rate_limited
from slackbot.playground.fake_slack.held_calls import HeldCalls
from slackbot.playground.fake_slack.methods import METHODS, Method
from slackbot.playground.fake_slack.rate_limits import CallLimiter
from slackbot.playground.fake_slack.recorded_calls import RecordedCall
from slackbot.playground.fake_slack.records import WorkspaceRecords


class WebApi:
    """Answers calls. A call takes `latency` seconds, half of them before its effect."""

    def __init__(
        self, records: WorkspaceRecords, limiter: CallLimiter | None, latency: float
    ) -> None:
        self._records = records
        self.limiter = limiter
        """None means no limits."""
        self.latency = latency
        self.calls: list[RecordedCall] = []
        self.faults = Faults()
        self.held = HeldCalls(records.changes)
        self._late_effects = BackgroundCalls()

    async def close(self) -> None:
        """Cancels late effects that have not happened yet."""
        await self._late_effects.close()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        args, token = await call_arguments.read(request)
        call = RecordedCall(request.match_info["method"], args, time.monotonic())
        self.calls.append(call)
        self._records.changes.notify()
        try:
            return await self._answer(request, call, token)
        finally:
            call.ended = time.monotonic()
            self._records.changes.notify()

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
        headers = {"x-oauth-scopes": ",".join(sorted(self._records.scopes))}
        try:
            method = _method(call.method)
            self._authorise(call.method, token)
            if self.limiter is not None:
                channel = str(call.args.get("channel", ""))
                if retry_after := self.limiter.admit(call.method, channel):
                    return rate_limited(retry_after)
            body = method(self._records, call_arguments.CallArguments(call.args))
        except RefusedError as refusal:
            return FaultAnswer(200, refusal.answer, headers)
        self._records.changes.notify()
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
        if method in scopes.METHOD_SCOPES:
            self._records.require_scope(scopes.METHOD_SCOPES[method])


def _method(name: str) -> Method:
    if name not in METHODS:
        raise RefusedError("unknown_method")
    return METHODS[name]


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

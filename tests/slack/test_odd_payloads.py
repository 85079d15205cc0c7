"""What arrives from Slack and is not what Slack documents, over both wires.

Real payloads are changed in one place each: every field is left out, or is something else.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import aiohttp
import pytest

from slackbot.playground.fake_slack.delivery import Delivery
from slackbot.playground.fake_slack.event_feed import wait_until_settled
from slackbot.playground.fake_slack.http_delivery import HttpSender
from tests.harness import BotHarness
from tests.instructions_harness import InstructionsHarness, filled

JUNK: tuple[Any, ...] = (None, 7, "x", [None], {"id": 5})

BATCH = 20
"""How many are sent at once."""

HTTP = {"SLACK_APP_TOKEN": "", "PORT": "0"}


@pytest.fixture(params=["socket", "http"], autouse=True)
async def _listening(harness: BotHarness, request: pytest.FixtureRequest) -> AsyncIterator[None]:
    """A bot that answers, over one of the wires."""
    harness.model.answer = lambda _: "Aye."
    secret = harness.workspace.signing_secret
    http = {**HTTP, "SLACK_SIGNING_SECRET": secret} if request.param == "http" else {}
    async with harness.running(http) as service:
        if http:
            harness.workspace.events_url = f"http://127.0.0.1:{service.port}/slack/events"
        yield


async def real_payloads(harness: BotHarness) -> list[Delivery]:
    """One of each kind that Slack sends while people use the bot."""
    team, workspace = InstructionsHarness(harness), harness.workspace
    question = await harness.mention("hello")
    await harness.finished(question)
    await workspace.edit(harness.ana, question, f"{harness.bot.mention} good-bye")
    await harness.settled()
    await harness.press(harness.ana, question, "again")
    await harness.settled()
    await harness.slacks_stop(harness.ana, question)
    view = await team.form(team.ada)
    await workspace.suggestions(team.ada, view, "slackbot_model", "s")
    await workspace.click(team.ada, view, "slackbot_try", filled=filled(view, question="Why?"))
    await harness.settled()
    await workspace.click(team.ada, team.on_top(team.ada), "slackbot_scope", "workspace")
    await harness.settled()
    await team.save(team.ada, team.on_top(team.ada), text="You are a poet.")
    await workspace.open_home(team.ada)
    await workspace.command(team.ada, harness.general, "/instructions", "show")
    await workspace.delete(harness.ana, question)
    await harness.settled()
    return list({kind_of(each): each for each in workspace.deliveries}.values())


def kind_of(delivery: Delivery) -> str:
    event = delivery.event
    action = (delivery.payload.get("actions") or [{}])[0].get("action_id")
    return f"{delivery.payload.get('type')} {event.get('type')} {event.get('subtype')} {action}"


def changed(payload: Any) -> Iterator[Any]:
    """The payload, changed in each place once for each kind of junk, or without that place."""
    if isinstance(payload, Mapping):
        for name, value in payload.items():
            yield {key: each for key, each in payload.items() if key != name}
            yield from ({**payload, name: junk} for junk in (*JUNK, *changed(value)))
    elif isinstance(payload, list):
        for place, value in enumerate(payload):
            for junk in (*JUNK, *changed(value)):
                yield [*payload[:place], junk, *payload[place + 1 :]]


def without_blocks(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload with one block of its view: a form has hundreds of fields like it."""
    view = payload.get("view")
    return {**payload, **({"view": {**view, "blocks": view["blocks"][:1]}} if view else {})}


async def test_every_field_of_every_payload(
    harness: BotHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """Each is acknowledged at once, none leaves a traceback, and the bot goes on answering."""
    feed = harness.workspace.feed
    feed.ack_timeout = 60.0
    for real in await real_payloads(harness):
        payloads = list(changed(without_blocks(real.payload)))
        for batch in (payloads[start : start + BATCH] for start in range(0, len(payloads), BATCH)):
            deliveries = [feed.send(real.kind, payload) for payload in batch]
            await wait_until_settled(*deliveries)
            for each in deliveries:
                assert (each.acknowledged, each.attempts) == (True, 1), each.payload
    await harness.settled()
    assert not failures(caplog)
    harness.model.enqueue("Ahoy")
    await harness.answered(await harness.mention("hello"), "Ahoy")


NO_PAYLOADS = (
    b"",
    b"{",
    b"[]",
    b"null",
    b"payload={",
    b"payload=[1]",
    b"payload=null",
    b"payload=",
    b"command",
    b"\xff\xfe",
    b"payload=%ff",
    b'{"event": ' + b"[" * 100_000,
    b"a=b&" * 10_000,
)


@pytest.mark.parametrize("_listening", ["http"], indirect=True)
@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded"])
async def test_what_is_no_payload(
    harness: BotHarness, caplog: pytest.LogCaptureFixture, content_type: str
) -> None:
    """A signed request without a payload is answered 400, or 200 if it is one of no known kind.
    Nothing is read in one that is not signed.
    """
    url, sender = harness.workspace.events_url, HttpSender(harness.workspace.signing_secret)
    assert url is not None
    async with aiohttp.ClientSession(headers={"Content-Type": content_type}) as session:
        for body in NO_PAYLOADS:
            async with session.post(url, data=body, headers=sender.signature(body)) as response:
                assert response.status in {200, 400}, body
            for headers in forged(sender.signature(body)):
                async with session.post(url, data=body, headers=headers) as response:
                    assert response.status == 401
    assert not failures(caplog)


def forged(signature: dict[str, str]) -> Iterator[dict[str, str]]:
    for name in signature:
        for value in ("", "x", "v0=\u00e9", "\u00b2", "-1", "9" * 5_000, "1700000000"):
            yield {**signature, name: value}
    yield {}


@pytest.mark.parametrize("_listening", ["socket"], indirect=True)
async def test_frames_that_are_no_envelopes(
    harness: BotHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """They are ignored, and the connection goes on. An envelope is acknowledged without anything
    that Slack says of it.
    """
    (connection,) = harness.workspace.sockets.connections
    for body in NO_PAYLOADS:
        await connection.socket.send_bytes(body)
        await connection.socket.send_str(body.decode(errors="replace"))
    for frame in ({}, {"type": None}, {"type": "hello"}, {"type": ["disconnect"]}, {"type": "x"}):
        await connection.socket.send_json(frame)
    for name in ("type", "payload", "accepts_response_payload"):
        envelope = {"envelope_id": "e1", "type": "events_api", "payload": {}}
        acknowledged = asyncio.get_running_loop().create_future()
        connection.awaited["e1"] = acknowledged
        await connection.socket.send_json({k: v for k, v in envelope.items() if k != name})
        async with asyncio.timeout(5.0):
            await acknowledged
    harness.model.enqueue("Ahoy")
    await harness.answered(await harness.mention("hello"), "Ahoy")
    assert harness.workspace.sockets.connections == (connection,)
    assert not failures(caplog)


def failures(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [each for each in caplog.records if each.exc_info or each.levelno >= logging.ERROR]

import asyncio
from itertools import pairwise
from random import Random
from typing import Any

import aiohttp
import pytest
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient
from yarl import URL

from slackbot.playground.fake_slack.workspace import Workspace
from tests.playground.fake_slack.bare_app import BareApp

EVENT = {"type": "app_uninstalled"}


async def test_slacks_own_client(workspace: Workspace) -> None:
    """slack_sdk's client connects, gets an event, and its acknowledgement arrives."""
    web_client = AsyncWebClient(base_url=workspace.url)
    client = SocketModeClient(workspace.app_token, web_client=web_client)

    async def acknowledge(client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        response = SocketModeResponse(request.envelope_id, {"text": request.type})
        await client.send_socket_mode_response(response)

    client.socket_mode_request_listeners.append(acknowledge)
    await client.connect()
    delivery = await workspace.deliver(EVENT)
    assert delivery.acknowledged
    assert delivery.attempts == 1
    assert delivery.response == {"text": "events_api"}
    await client.close()


async def test_the_envelope(workspace: Workspace, app: BareApp) -> None:
    """An event comes in an envelope with the fields of Slack's own."""
    await workspace.deliver(EVENT, event_id="Ev1")
    (envelope,) = app.received
    assert envelope["type"] == "events_api"
    assert envelope["accepts_response_payload"] is False
    assert (envelope["retry_attempt"], envelope["retry_reason"]) == (0, "")
    payload = envelope["payload"]
    assert payload["type"] == "event_callback"
    assert payload["event"] == EVENT
    assert payload["event_id"] == "Ev1"
    assert payload["team_id"] == workspace.team.team_id
    assert payload["api_app_id"] == workspace.app_id
    assert payload["authorizations"][0]["user_id"] == workspace.bot.id


async def test_unacknowledged_events_come_again(workspace: Workspace, app: BareApp) -> None:
    """What is not acknowledged in time comes up to three more times, over each connection."""
    await app.connect()
    app.unresponsive = True
    workspace.feed.ack_timeout = 0.02
    delivery = await workspace.deliver(EVENT)
    assert (delivery.acknowledged, delivery.attempts) == (False, 4)
    retries = [(frame["retry_attempt"], frame["retry_reason"]) for frame in app.received]
    assert retries == [(0, ""), (1, "timeout"), (2, "timeout"), (3, "timeout")]
    assert app.received_by[0] != app.received_by[1]
    assert len({frame["payload"]["event_id"] for frame in app.received}) == 1
    assert len({frame["envelope_id"] for frame in app.received}) == 4


async def test_a_lost_connection(workspace: Workspace, app: BareApp) -> None:
    """An event whose connection is lost before the acknowledgement comes again over the next."""
    app.unresponsive = True
    telling = asyncio.create_task(workspace.deliver(EVENT))
    await workspace.until(lambda: workspace.deliveries and workspace.deliveries[0].attempts)
    await workspace.disconnect_sockets(None)
    app.unresponsive = False
    await app.connect()
    delivery = await telling
    assert delivery.acknowledged
    assert delivery.attempts == 2
    assert app.received[-1]["retry_reason"] == "connection_failed"


async def test_events_wait_for_a_connection(
    workspace: Workspace, session: aiohttp.ClientSession
) -> None:
    """What happens while the app is away waits for it in order, for so long and no longer."""
    app = BareApp(workspace, session)
    telling = [
        asyncio.create_task(workspace.deliver({**EVENT, "number": number})) for number in range(9)
    ]
    await workspace.until(lambda: len(workspace.deliveries) == len(telling))
    await app.connect()
    assert all(delivery.acknowledged for delivery in await asyncio.gather(*telling))
    assert [event["number"] for event in app.events] == list(range(9))
    await workspace.disconnect_sockets(None)
    workspace.feed.connection_timeout = 0.01
    missed = await workspace.deliver(EVENT)
    assert (missed.acknowledged, missed.attempts) == (False, 1)
    await app.close()


@pytest.mark.parametrize("reason", ["refresh_requested", None])
async def test_disconnecting(workspace: Workspace, app: BareApp, reason: str | None) -> None:
    """Slack ends a connection after a frame that says why; the network does so without one."""
    await workspace.disconnect_sockets(reason)
    assert workspace.connections == 0
    await app.disconnected()
    frames = [(frame["type"], frame["reason"]) for frame in app.received]
    assert frames == ([("disconnect", reason)] if reason else [])


async def test_slacks_own_client_reconnects(workspace: Workspace) -> None:
    """slack_sdk's client asks for a new connection when told that the old one is to end."""
    web_client = AsyncWebClient(base_url=workspace.url)
    client = SocketModeClient(workspace.app_token, web_client=web_client)
    await client.connect()
    await workspace.disconnect_sockets("refresh_requested")
    await workspace.until(lambda: workspace.connections == 1)
    await client.close()


async def test_a_ticket_is_good_for_one_connection(
    workspace: Workspace, session: aiohttp.ClientSession, app: BareApp
) -> None:
    """A connection needs a ticket of its own, and none is taken while Slack refuses them."""
    assert workspace.connections == 1
    link = f"http://{workspace.address}/link/?ticket={workspace.sockets.ticket()}"
    workspace.sockets.refusing = True
    with pytest.raises(aiohttp.WSServerHandshakeError, match="503"):
        await session.ws_connect(link)
    workspace.sockets.refusing = False
    connection = await session.ws_connect(link)
    with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
        await session.ws_connect(link)
    assert workspace.connections == 2
    await connection.close()
    await workspace.until(lambda: workspace.connections == 1)
    assert app.received == []


async def test_tickets_expire(workspace: Workspace, session: aiohttp.ClientSession) -> None:
    """A ticket that was not used in time is good for nothing."""
    link = f"http://{workspace.address}/link/?ticket={workspace.sockets.ticket()}"
    workspace.sockets.ticket_lifetime = 0.0
    with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
        await session.ws_connect(link)
    assert workspace.connections == 0


async def test_a_connection_that_died_unnoticed(workspace: Workspace, app: BareApp) -> None:
    """Nothing gets through a silent connection; events come again over one opened later."""
    workspace.feed.ack_timeout = 0.02
    workspace.sockets.silent = True
    telling = asyncio.create_task(workspace.deliver(EVENT))
    await workspace.until(lambda: workspace.deliveries and workspace.deliveries[0].attempts)
    await app.connect()
    delivery = await telling
    assert delivery.acknowledged
    assert delivery.attempts > 1
    assert app.received_by == [1]
    assert app.received[0]["retry_reason"] == "timeout"
    assert workspace.connections == 2


async def test_a_lost_acknowledgement(workspace: Workspace, session: aiohttp.ClientSession) -> None:
    """What the app sends over a connection that has died is lost: the event comes again."""
    app = BareApp(workspace, session)
    app.unresponsive = True
    connection = await app.connect()
    workspace.feed.ack_timeout = 0.05
    telling = asyncio.create_task(workspace.deliver(EVENT))
    await app.changes.until(lambda: app.received)
    workspace.sockets.silent = True
    app.unresponsive = False
    await connection.send_json({"envelope_id": app.received[0]["envelope_id"]})
    await app.connect()
    delivery = await telling
    assert delivery.acknowledged
    assert app.received_by == [0, 1]
    assert app.received[1]["payload"] == app.received[0]["payload"]
    await app.close()


async def test_the_end_of_a_silent_connection(workspace: Workspace, app: BareApp) -> None:
    """A silent connection ends without a word, and waking one up is possible until then."""
    workspace.sockets.silent = True
    assert workspace.sockets.silent
    workspace.sockets.silent = False
    assert (await workspace.deliver(EVENT)).acknowledged
    workspace.sockets.silent = True
    await workspace.disconnect_sockets()
    await app.disconnected()
    assert [frame["type"] for frame in app.received] == ["events_api"]
    assert not workspace.sockets.silent


async def test_pings(workspace: Workspace, session: aiohttp.ClientSession) -> None:
    """A ping is answered with a pong, unless the connection is silent."""
    link = f"http://{workspace.address}/link/?ticket={workspace.sockets.ticket()}"
    connection = await session.ws_connect(link, autoping=False)
    hello: dict[str, Any] = await connection.receive_json()
    assert hello["connection_info"] == {"app_id": workspace.app_id}
    await connection.ping(b"1")
    assert await connection.receive() == (aiohttp.WSMsgType.PONG, b"1", "")
    workspace.sockets.silent = True
    await connection.ping(b"2")
    with pytest.raises(TimeoutError):
        await connection.receive(timeout=0.05)
    await connection.close()


async def test_several_connections_take_turns(workspace: Workspace, app: BareApp) -> None:
    """Each event goes to one connection; one after the other gets an event."""
    await app.connect()
    await app.connect()
    for _ in range(6):
        await workspace.deliver(EVENT)
    assert sorted(app.received_by) == [0, 0, 1, 1, 2, 2]
    assert sorted(app.received_by[:3]) == [0, 1, 2]


async def test_a_connection_drawn_at_random(workspace: Workspace, app: BareApp) -> None:
    """With a random generator Slack draws the connection: the same seed gives the same draws."""
    await app.connect()
    await app.connect()
    drawn = []
    for _ in range(2):
        workspace.sockets.rng = Random(7)  # noqa: S311 - a draw is no secret
        before = len(app.received)
        for _ in range(12):
            await workspace.deliver(EVENT)
        drawn.append(app.received_by[before:])
    assert drawn[0] == drawn[1]
    assert set(drawn[0]) == {0, 1, 2}


async def test_a_retry_goes_to_another_connection(workspace: Workspace, app: BareApp) -> None:
    """A paused replica does not get its event again while there are others."""
    workspace.sockets.rng = Random(1)  # noqa: S311 - a draw is no secret
    workspace.feed.ack_timeout = 0.02
    app.unresponsive = True
    await app.connect()
    for _ in range(4):
        await workspace.deliver(EVENT)
    pairs = list(pairwise(app.received_by))
    retries = [pair for number, pair in enumerate(pairs) if number % 4 != 3]
    assert all(first != second for first, second in retries)


async def test_a_connection_that_dies(workspace: Workspace, app: BareApp) -> None:
    """All that it has not acknowledged goes to the others, at once."""
    app.unresponsive = True
    telling = [asyncio.create_task(workspace.deliver(EVENT)) for _ in range(5)]
    await workspace.until(lambda: sum(each.attempts for each in workspace.deliveries) == 5)
    await app.changes.until(lambda: len(app.received) == 5)
    (dying,) = workspace.sockets.connections
    await app.connect()
    app.unresponsive = False
    assert dying.transport is not None
    dying.transport.abort()
    deliveries = await asyncio.gather(*telling)
    assert all(delivery.acknowledged for delivery in deliveries)
    assert app.received_by == [0] * 5 + [1] * 5
    assert {delivery.retry_reason for delivery in deliveries} == {"connection_failed"}


HANDSHAKE = (
    "GET /link/?ticket={} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


async def test_killed_at_the_door(workspace: Workspace, caplog: pytest.LogCaptureFixture) -> None:
    """An app that is gone before its connection stands is no error of the workspace's."""
    url = URL(workspace.url)
    for killed in (*[True] * 20, False):
        reader, writer = await asyncio.open_connection(url.host, url.port)
        writer.write(HANDSHAKE.format(workspace.sockets.ticket()).encode())
        if killed:
            writer.transport.abort()
        else:
            assert b"101" in await reader.readline()
            writer.close()
    assert not caplog.records

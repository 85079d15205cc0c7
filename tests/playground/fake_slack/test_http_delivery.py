import asyncio
import json
from collections.abc import AsyncIterator
from urllib.parse import parse_qs

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_sdk.signature import SignatureVerifier

from slackbot.playground.fake_slack.workspace import Workspace

EVENT = {"type": "app_uninstalled"}


class HttpApp:
    """An app with an events URL: records the requests, and answers with the next planned answer."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], str]] = []
        self.answers: list[web.Response] = []
        self.hanging = asyncio.Event()
        self.hanging.set()

    async def answer(self, request: web.Request) -> web.Response:
        self.requests.append((dict(request.headers), await request.text()))
        await self.hanging.wait()
        return self.answers.pop(0) if self.answers else web.Response()


@pytest.fixture
async def app(workspace: Workspace) -> AsyncIterator[HttpApp]:
    app = HttpApp()
    application = web.Application()
    application.router.add_post("/slack/events", app.answer)
    async with TestServer(application) as server:
        workspace.events_url = str(server.make_url("/slack/events"))
        yield app
        app.hanging.set()


async def test_requests_are_signed(workspace: Workspace, app: HttpApp) -> None:
    """Each request carries the signature that Slack's own verifier accepts, over its raw body."""
    delivery = await workspace.deliver(EVENT)
    assert delivery.acknowledged
    ((headers, body),) = app.requests
    assert json.loads(body)["event"] == EVENT
    assert SignatureVerifier(workspace.signing_secret).is_valid_request(body, headers)
    assert not SignatureVerifier("another").is_valid_request(body, headers)
    assert "X-Slack-Retry-Num" not in headers


async def test_events_are_sent_again(workspace: Workspace, app: HttpApp) -> None:
    """An event that is answered with an error is retried, with the reason and the count."""
    app.answers = [web.Response(status=500), web.Response(status=503), web.Response()]
    delivery = await workspace.deliver(EVENT)
    assert (delivery.acknowledged, delivery.attempts) == (True, 3)
    retries = [headers.get("X-Slack-Retry-Num") for headers, _ in app.requests]
    assert retries == [None, "1", "2"]
    assert app.requests[1][0]["X-Slack-Retry-Reason"] == "http_error"


async def test_late_answers(workspace: Workspace, app: HttpApp) -> None:
    """A late answer does not count; after three retries Slack gives up."""
    workspace.feed.ack_timeout = 0.02
    app.hanging.clear()
    delivery = await workspace.deliver(EVENT)
    assert (delivery.acknowledged, delivery.attempts) == (False, 4)
    assert app.requests[-1][0]["X-Slack-Retry-Reason"] == "http_timeout"


async def test_nobody_there(workspace: Workspace, app: HttpApp) -> None:
    """An address that refuses connections is tried just as often."""
    workspace.events_url = "http://127.0.0.1:1/"
    delivery = await workspace.deliver(EVENT)
    assert (delivery.acknowledged, delivery.attempts) == (False, 4)
    assert delivery.retry_reason == "connection_failed"
    assert not app.requests


async def test_commands_are_forms(workspace: Workspace, app: HttpApp) -> None:
    """A command is sent as a form; text in the answer is shown to the person only."""
    ann = workspace.add_person("ann")
    channel = workspace.add_channel("general", members=[ann])
    app.answers = [web.Response(text="done")]
    assert await workspace.command(ann, channel, "/instructions", "show me") == {"text": "done"}
    ((_, body),) = app.requests
    assert parse_qs(body)["command"] == ["/instructions"]
    assert parse_qs(body)["text"] == ["show me"]
    assert [notice.text for notice in workspace.ephemerals] == ["done"]


async def test_interactions_are_json_in_a_form(workspace: Workspace, app: HttpApp) -> None:
    """A click is sent once, as JSON in a form's only field."""
    ann = workspace.add_person("ann")
    button = {
        "type": "button",
        "action_id": "again",
        "text": {"type": "plain_text", "text": "Again"},
    }
    home = workspace.views.publish(
        ann.id, {"type": "home", "blocks": [{"type": "actions", "elements": [button]}]}
    )
    app.answers = [web.Response(status=500)]
    assert await workspace.click(ann, home, "again") == {}
    ((_, body),) = app.requests
    payload = json.loads(parse_qs(body)["payload"][0])
    assert payload["type"] == "block_actions"
    assert payload["container"] == {"type": "view", "view_id": home["id"]}


async def test_json_answers(workspace: Workspace, app: HttpApp) -> None:
    """JSON in the answer becomes the response."""
    app.answers = [web.json_response({"text": "done"})]
    assert (await workspace.deliver(EVENT)).response == {"text": "done"}


class Replicas:
    """Three replicas of an app behind a load balancer, some of which are dead."""

    def __init__(self) -> None:
        self.apps = [HttpApp() for _ in range(3)]
        self.servers: list[TestServer] = []

    async def start(self) -> list[str]:
        for app in self.apps:
            application = web.Application()
            application.router.add_post("/slack/events", app.answer)
            server = TestServer(application)
            await server.start_server()
            self.servers.append(server)
        return [str(server.make_url("/slack/events")) for server in self.servers]

    @property
    def requests(self) -> list[int]:
        """How many requests each of them has got."""
        return [len(app.requests) for app in self.apps]


@pytest.fixture
async def replicas(workspace: Workspace) -> AsyncIterator[Replicas]:
    replicas = Replicas()
    workspace.events_url = await replicas.start()
    yield replicas
    for app in replicas.apps:
        app.hanging.set()
    for server in replicas.servers:
        await server.close()


async def test_replicas_take_turns(workspace: Workspace, replicas: Replicas) -> None:
    """Each replica gets its share of the events."""
    for _ in range(6):
        assert (await workspace.deliver(EVENT)).acknowledged
    assert replicas.requests == [2, 2, 2]
    assert workspace.events_url in {
        str(each.make_url("/slack/events")) for each in replicas.servers
    }


async def test_a_dead_replica(workspace: Workspace, replicas: Replicas) -> None:
    """A replica that refuses connections costs nothing: another gets the same attempt."""
    await replicas.servers[1].close()
    deliveries = [await workspace.deliver(EVENT) for _ in range(6)]
    assert [delivery.attempts for delivery in deliveries] == [1] * 6
    assert all(delivery.acknowledged for delivery in deliveries)
    assert replicas.requests[1] == 0
    for server in (replicas.servers[0], replicas.servers[2]):
        await server.close()
    assert (await workspace.deliver(EVENT)).retry_reason == "connection_failed"


async def test_a_replica_that_hangs(workspace: Workspace, replicas: Replicas) -> None:
    """What one replica has taken is not given to another before Slack sends it again."""
    workspace.feed.ack_timeout = 0.2
    for app in replicas.apps:
        app.hanging.clear()
    telling = asyncio.create_task(workspace.deliver(EVENT))
    await workspace.until(lambda: workspace.deliveries and workspace.deliveries[0].retry)
    assert sum(replicas.requests) <= 2
    for app in replicas.apps:
        app.hanging.set()
    delivery = await telling
    assert delivery.acknowledged
    assert delivery.retry_reason == "http_timeout"

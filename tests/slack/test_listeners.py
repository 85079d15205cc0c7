"""What Slack delivers is taken in, then acknowledged: over Socket Mode and over HTTP."""

import asyncio
import hmac
import json
import sqlite3
import time
from pathlib import Path

import aiohttp
import pytest
import yaml

from slackbot.app import Service
from tests.harness import Stage

HTTP = {"SLACK_APP_TOKEN": "", "PORT": "0"}


def over_http(stage: Stage) -> dict[str, str]:
    return {**HTTP, "SLACK_SIGNING_SECRET": stage.workspace.signing_secret}


def listen_at(stage: Stage, service: Service) -> str:
    url = f"http://127.0.0.1:{service.port}/slack/events"
    stage.workspace.feed.events_url = url
    return url


async def test_http(stage: Stage) -> None:
    """Without an app token the bot takes signed events over HTTP and answers them."""
    async with stage.playing(over_http(stage)) as service:
        listen_at(stage, service)
        await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy"), ("and now?", "Aye")])
        await stage.all_acknowledged()


async def test_url_verification(stage: Stage) -> None:
    """When the request URL is entered in Slack, the bot answers its challenge."""
    body = json.dumps({"type": "url_verification", "token": "t", "challenge": "prove it"})
    timestamp = str(int(time.time()))
    secret = stage.workspace.signing_secret.encode()
    signature = hmac.new(secret, f"v0:{timestamp}:{body}".encode(), "sha256").hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": f"v0={signature}",
    }
    async with stage.playing(over_http(stage)) as service, aiohttp.ClientSession() as session:
        url = listen_at(stage, service)
        async with session.post(url, data=body, headers=headers) as response:
            assert (response.status, await response.json()) == (200, {"challenge": "prove it"})


async def test_forged_event(stage: Stage) -> None:
    """An event whose signature is not Slack's is refused, and nothing comes of it."""
    event = {"type": "message", "channel": stage.general.id, "ts": "1.0", "user": stage.ana.id}
    body = json.dumps({"type": "event_callback", "event": {**event, "text": stage.bot.mention}})
    headers = {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": "1790000000",
        "X-Slack-Signature": "v0=" + "0" * 64,
    }
    async with stage.playing(over_http(stage)) as service, aiohttp.ClientSession() as session:
        url = listen_at(stage, service)
        async with session.post(url, data=body, headers=headers) as response:
            assert response.status == 401
    assert not stage.model.requests


def subscribed() -> list[str]:
    manifest = yaml.safe_load((Path(__file__).parents[2] / "manifest.yml").read_text())
    events: list[str] = manifest["settings"]["event_subscriptions"]["bot_events"]
    return events


@pytest.mark.parametrize("http", [False, True], ids=["socket", "http"])
async def test_every_event_is_acknowledged(stage: Stage, *, http: bool) -> None:
    """Each event type of the manifest is acknowledged at once, odd and unknown ones too."""
    async with stage.playing(over_http(stage) if http else {}) as service:
        if http:
            listen_at(stage, service)
        for name in [*subscribed(), "unheard_of"]:
            event = {"type": name.partition(".")[0], "user": stage.ana.id, "tab": "home"}
            assert (await stage.workspace.deliver(event)).acknowledged, name
        for subtype in ("channel_join", "message_changed", "message_deleted", "me_message"):
            event = {"type": "message", "subtype": subtype, "channel": stage.general.id, "ts": "1"}
            delivery = await stage.workspace.deliver(event)
            assert delivery.acknowledged, subtype
            assert delivery.attempts == 1
    assert not stage.model.requests


ODD = {
    "blocks": [None],
    "files": [None, "a"],
    "type": None,
    "text": {"a": 1},
    "channel": {"id": "C1"},
    "user": ["U1"],
    "thread_ts": 3,
    "subtype": [],
}


@pytest.mark.parametrize("field", ODD)
async def test_odd_events_are_acknowledged(stage: Stage, field: str) -> None:
    """An event with something odd in it is acknowledged all the same."""
    event = {"type": "message", "channel": stage.general.id, "ts": "1.0", "user": stage.ana.id}
    async with stage.playing():
        delivery = await stage.workspace.deliver({**event, "text": "hi", field: ODD[field]})
    assert (delivery.acknowledged, delivery.attempts) == (True, 1)


async def test_edits_of_our_own_cost_nothing(stage: Stage) -> None:
    """The echoes of the bot's own posts and edits are acknowledged and start nothing."""
    async with stage.playing():
        await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy there matey")])
        await stage.workspace.until(
            lambda: all(d.over.is_set() for d in stage.workspace.deliveries)
        )
    assert all(delivery.acknowledged for delivery in stage.workspace.deliveries)
    assert len(stage.model.requests) == 1


async def test_event_that_could_not_be_stored_comes_again(stage: Stage) -> None:
    """A message is acknowledged only when it is safe: until then Slack sends it again."""
    stage.workspace.feed.ack_timeout = 0.5
    database = stage.environment["DATABASE_URL"].removeprefix("sqlite:///")
    async with stage.playing():
        other = sqlite3.connect(database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")  # nobody else can write now
        stage.model.enqueue("Ahoy")
        asking = asyncio.create_task(stage.mention("hello"))
        await stage.workspace.until(lambda: any(d.attempts > 1 for d in stage.workspace.deliveries))
        other.execute("ROLLBACK")
        other.close()
        await stage.answered(await asking, "Ahoy")
        await stage.all_acknowledged()
    assert len(stage.model.requests) == 1

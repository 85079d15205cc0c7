"""What Slack delivers is taken in, then acknowledged: over Socket Mode and over HTTP."""

import asyncio
import hmac
import json
import time
from pathlib import Path

import aiohttp
import pytest
import yaml

from slackbot.service import Service
from tests.harness import BotHarness
from tests.store.faults import full_disk
from tests.store.rows import file_of, locked

HTTP = {"SLACK_APP_TOKEN": "", "PORT": "0"}


def over_http(harness: BotHarness) -> dict[str, str]:
    return {**HTTP, "SLACK_SIGNING_SECRET": harness.workspace.signing_secret}


def listen_at(harness: BotHarness, service: Service) -> str:
    url = f"http://127.0.0.1:{service.port}/slack/events"
    harness.workspace.events_url = url
    return url


async def test_http(harness: BotHarness) -> None:
    """Without an app token the bot takes signed events over HTTP and answers them."""
    async with harness.running(over_http(harness)) as service:
        listen_at(harness, service)
        await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy"), ("and now?", "Aye")])
        await harness.all_acknowledged()


async def test_url_verification(harness: BotHarness) -> None:
    """When the request URL is entered in Slack, the bot answers its challenge."""
    body = json.dumps({"type": "url_verification", "token": "t", "challenge": "prove it"})
    timestamp = str(int(time.time()))
    secret = harness.workspace.signing_secret.encode()
    signature = hmac.new(secret, f"v0:{timestamp}:{body}".encode(), "sha256").hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": f"v0={signature}",
    }
    async with harness.running(over_http(harness)) as service, aiohttp.ClientSession() as session:
        url = listen_at(harness, service)
        async with session.post(url, data=body, headers=headers) as response:
            assert (response.status, await response.json()) == (200, {"challenge": "prove it"})


async def test_forged_event(harness: BotHarness) -> None:
    """An event whose signature is not Slack's is refused, and nothing comes of it."""
    event = {"type": "message", "channel": harness.general.id, "ts": "1.0", "user": harness.ana.id}
    body = json.dumps({"type": "event_callback", "event": {**event, "text": harness.bot.mention}})
    headers = {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": "1790000000",
        "X-Slack-Signature": "v0=" + "0" * 64,
    }
    async with harness.running(over_http(harness)) as service, aiohttp.ClientSession() as session:
        url = listen_at(harness, service)
        async with session.post(url, data=body, headers=headers) as response:
            assert response.status == 401
    assert not harness.model.requests


def subscribed() -> list[str]:
    manifest = yaml.safe_load((Path(__file__).parents[2] / "manifest.yml").read_text())
    events: list[str] = manifest["settings"]["event_subscriptions"]["bot_events"]
    return events


@pytest.mark.parametrize("http", [False, True], ids=["socket", "http"])
async def test_every_event_is_acknowledged(harness: BotHarness, *, http: bool) -> None:
    """Each event type of the manifest is acknowledged at once, odd and unknown ones too."""
    async with harness.running(over_http(harness) if http else {}) as service:
        if http:
            listen_at(harness, service)
        for name in [*subscribed(), "unheard_of"]:
            event = {"type": name.partition(".")[0], "user": harness.ana.id, "tab": "home"}
            assert (await harness.workspace.deliver(event)).acknowledged, name
        for subtype in ("channel_join", "message_changed", "message_deleted", "huddle_thread"):
            event = {
                "type": "message",
                "subtype": subtype,
                "channel": harness.general.id,
                "ts": "1",
            }
            delivery = await harness.workspace.deliver(event)
            assert delivery.acknowledged, subtype
            assert delivery.attempts == 1
    assert not harness.model.requests


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
async def test_odd_events_are_acknowledged(harness: BotHarness, field: str) -> None:
    """An event with something odd in it is acknowledged all the same."""
    event = {"type": "message", "channel": harness.general.id, "ts": "1.0", "user": harness.ana.id}
    async with harness.running():
        delivery = await harness.workspace.deliver({**event, "text": "hi", field: ODD[field]})
    assert (delivery.acknowledged, delivery.attempts) == (True, 1)


async def test_edits_of_our_own_cost_nothing(harness: BotHarness) -> None:
    """The echoes of the bot's own posts and edits are acknowledged and start nothing."""
    async with harness.running():
        await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy there matey")])
        await harness.workspace.until(
            lambda: all(d.settled.is_set() for d in harness.workspace.deliveries)
        )
    assert all(delivery.acknowledged for delivery in harness.workspace.deliveries)
    assert len(harness.model.requests) == 1


async def test_events_that_cant_be_stored_are_one_line_each(
    harness: BotHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """Over HTTP Slack gets an error for each; the log has a sentence without the message's text."""
    async with harness.running(over_http(harness)) as service:
        listen_at(harness, service)
        with full_disk(file_of(harness.environment["DATABASE_URL"])):
            question = await harness.mention("my secret")
        (delivery,) = [
            each
            for each in harness.workspace.deliveries
            if each.payload["event"]["type"] == "app_mention"
        ]
        assert (delivery.acknowledged, delivery.retry_reason) == (False, "http_error")
        await harness.finished(question)
    lines = [each for each in caplog.records if "not taken in" in each.getMessage()]
    assert len(lines) == sum(each.attempts for each in harness.workspace.deliveries[:2])
    assert not any(each.exc_info or "secret" in each.getMessage() for each in lines)


async def test_event_that_could_not_be_stored_comes_again(harness: BotHarness) -> None:
    """A message is acknowledged only when it is safe: until then Slack sends it again."""
    harness.workspace.feed.ack_timeout = 0.5
    async with harness.running():
        harness.model.enqueue("Ahoy")
        with locked(harness.environment["DATABASE_URL"]):
            asking = asyncio.create_task(harness.mention("hello"))
            await harness.workspace.until(
                lambda: any(d.attempts > 1 for d in harness.workspace.deliveries)
            )
            harness.workspace.feed.ack_timeout = 30.0  # from now on a slow machine is in time
        await harness.answered(await asking, "Ahoy")
        await harness.all_acknowledged()
    assert len(harness.model.requests) == 1

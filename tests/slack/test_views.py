"""The calls that show modals and Home tabs."""

from collections.abc import AsyncIterator

import pytest
from slack_sdk.models.blocks import DividerBlock
from slack_sdk.models.views import View

from slackbot.conversation.ids import UserId
from slackbot.errors import DeliveryError, RateLimitedError
from slackbot.playground.fake_slack.faults import Fault
from slackbot.slack.client import web_client
from slackbot.slack.modals import notice
from slackbot.slack.views import SlackViews
from tests.harness import BotHarness

NOTICE = notice("Title", "Hello.")


@pytest.fixture
async def views(harness: BotHarness) -> AsyncIterator[SlackViews]:
    async with web_client(harness.workspace.url, harness.workspace.bot_token) as client:
        yield SlackViews(client)


def calls(harness: BotHarness) -> list[str]:
    return [call.method for call in harness.workspace.calls]


@pytest.mark.parametrize(
    "fault",
    [
        Fault.status(500),
        Fault.reset_after(),
        Fault.rate_limited(1),
        Fault.foreign(200, b"", "text/html", after=True),
    ],
)
async def test_a_modal_opens_once(harness: BotHarness, views: SlackViews, fault: Fault) -> None:
    """A trigger is good for one modal: an attempt without an answer may have opened it, and that
    Slack refuses its trigger then says so.
    """
    harness.workspace.faults.add("views.open", fault)
    await views.open(harness.workspace.views.trigger(harness.ana.id), NOTICE)
    assert calls(harness) == ["views.open"] * 2
    assert len(harness.workspace.views.modals[harness.ana.id]) == 1


@pytest.mark.parametrize("fault", [None, Fault.rate_limited(1)])
async def test_a_trigger_that_is_used(
    harness: BotHarness, views: SlackViews, fault: Fault | None
) -> None:
    """Nothing opens with it, unless an attempt of the same call may have."""
    if fault is not None:
        harness.workspace.faults.add("views.open", fault)
    with pytest.raises(DeliveryError):
        await views.open("used", NOTICE)


async def test_a_limit_that_outlasts_the_trigger(harness: BotHarness, views: SlackViews) -> None:
    """The person, who waits, is told at once."""
    harness.workspace.faults.add("views.open", Fault.rate_limited(3))
    with pytest.raises(RateLimitedError):
        await views.open(harness.workspace.views.trigger(harness.ana.id), NOTICE)
    assert calls(harness) == ["views.open"]


@pytest.mark.parametrize("fault", [Fault.reset_after(), Fault.rate_limited(1)])
async def test_a_modal_is_updated_in_the_end(
    harness: BotHarness, views: SlackViews, fault: Fault
) -> None:
    """Also if an attempt without an answer has changed its hash."""
    await views.open(harness.workspace.views.trigger(harness.ana.id), NOTICE)
    (shown,) = harness.workspace.views.modals[harness.ana.id]
    first = shown["hash"]
    harness.workspace.faults.add("views.update", fault)
    changed = notice("Title", "Good-bye.")
    assert await views.update(shown["id"], changed, if_hash=first) != first
    assert "Good-bye." in str(harness.workspace.views.modals[harness.ana.id])
    with pytest.raises(DeliveryError):
        await views.update(shown["id"], NOTICE, if_hash=first)


async def test_a_modal_that_is_gone(harness: BotHarness, views: SlackViews) -> None:
    """Slack refuses to update what nobody sees, and that is final."""
    with pytest.raises(DeliveryError):
        await views.update("V404", NOTICE, if_hash=None)
    assert calls(harness) == ["views.update"]


async def test_a_home_tab_is_published_in_the_end(harness: BotHarness, views: SlackViews) -> None:
    """Publishing is repeated while Slack fails, as the last view wins anyway."""
    harness.workspace.faults.add("views.publish", Fault.status(500))
    await views.publish(UserId(harness.ana.id), View(type="home", blocks=[DividerBlock()]))
    assert calls(harness) == ["views.publish"] * 2
    assert harness.workspace.views.homes[harness.ana.id]["blocks"][0]["type"] == "divider"

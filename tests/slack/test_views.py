"""The calls that show modals and Home tabs."""

from collections.abc import AsyncIterator

import pytest
from slack_sdk.models.blocks import DividerBlock
from slack_sdk.models.views import View

from slackbot.conversation.ids import UserId
from slackbot.errors import DeliveryError, UnreachableError
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


async def test_a_modal_is_opened_once(harness: BotHarness, views: SlackViews) -> None:
    """A trigger is good for one modal, so a call that fails is not repeated."""
    harness.workspace.faults.add("views.open", Fault.status(500))
    with pytest.raises(UnreachableError):
        await views.open("trigger", NOTICE)
    assert calls(harness) == ["views.open"]


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

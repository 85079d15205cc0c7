"""The app is removed from its workspace, or Slack says so too late."""

import asyncio
import logging

import pytest

from slackbot.errors import UnreachableError
from slackbot.playground.fake_slack.delivery import Delivery
from slackbot.playground.fake_slack.faults import Fault
from slackbot.slack import texts
from slackbot.slack.client import web_client
from slackbot.slack.installation import InstallationCheck
from tests.harness import BotHarness
from tests.slack.test_http_server import get
from tests.store.rows import file_of, keys_of

REMOVED = f"workspace: {texts.NO_WORKSPACE.format(code='account_inactive')}"


def _is_about_a_message(delivery: Delivery) -> bool:
    return delivery.event.get("type") in {"message", "app_mention"}


def critical(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.levelno == logging.CRITICAL]


async def test_a_bot_without_a_workspace_is_not_ready(
    harness: BotHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """A bot whose app was removed keeps nothing, also of what arrives later, and is not ready; it
    goes on to run, as a restart with the same token would fail again and again.
    """
    async with harness.running({"PORT": "0"}) as service:
        await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        async with harness.workspace.hold_events(_is_about_a_message):
            late = await harness.mention("Are you there?")
            await harness.workspace.uninstall()
        await harness.all_acknowledged()
        assert await get(service, "/readyz") == (503, REMOVED)
        assert await get(service, "/healthz") == (200, "ok")
        assert harness.answers(late) == []
    assert keys_of(file_of(harness.environment["DATABASE_URL"])) == []
    assert critical(caplog) == [texts.NO_WORKSPACE.format(code="account_inactive")]


async def test_nothing_queued_is_stored_after_a_removal(harness: BotHarness) -> None:
    """What is being stored when the removal arrives is deleted with the rest."""
    async with harness.running():
        async with harness.workspace.hold_events(lambda each: each.kind == "events_api") as held:
            for number in range(20):
                await harness.mention(f"question {number}")
            removal = asyncio.create_task(harness.workspace.uninstall())
            await harness.workspace.until(lambda: len(held) == 42)
            order = [*held[:20], *held[40:], *held[20:40]]
            await asyncio.gather(*map(harness.workspace.release, order))
        await removal
        await harness.all_acknowledged()
    assert keys_of(file_of(harness.environment["DATABASE_URL"])) == []


async def test_a_late_removal_deletes_nothing(
    harness: BotHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """Where the token works, the event is about an earlier installation: it costs a line in the
    log, and the conversation goes on.
    """
    async with harness.running({"PORT": "0"}) as service:
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        removal = await harness.workspace.deliver({"type": "app_uninstalled", "event_ts": "1.0"})
        revoked = await harness.workspace.deliver({"type": "tokens_revoked", "event_ts": "1.0"})
        assert removal.acknowledged
        assert revoked.acknowledged
        assert await get(service, "/readyz") == (200, "ok")
        harness.model.enqueue("Aye")
        await harness.mention("and now?", thread=root.ts)
        await harness.answered(root, "Ahoy", "Aye")
    assert "told late that the app was removed" in caplog.text
    assert not critical(caplog)


async def test_a_removal_that_slack_does_not_confirm_comes_again(harness: BotHarness) -> None:
    """While Slack does not say whether the token works nothing is deleted, and the event is not
    acknowledged: Slack sends it again.
    """
    async with harness.running():
        await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        harness.workspace.feed.ack_timeout = 0.5
        harness.workspace.faults.add("auth.test", Fault.status(503))
        await harness.workspace.uninstall()
        await harness.all_acknowledged()
        assert not harness.workspace.faults.pending
    assert keys_of(file_of(harness.environment["DATABASE_URL"])) == []


async def test_a_revoked_token_without_an_event(harness: BotHarness) -> None:
    """A health check finds out about it: nothing is deleted, and a token that works again is
    enough.
    """
    async with web_client(harness.workspace.url, harness.workspace.bot_token) as client:
        installation = InstallationCheck(client)
        assert await installation.problem() == ""
        asked = len(harness.workspace.calls)
        assert await installation.problem() == ""
        assert len(harness.workspace.calls) == asked
        harness.workspace.token_error = "token_revoked"
        assert await installation.is_gone()
        assert await installation.problem() == texts.NO_WORKSPACE.format(code="token_revoked")
        harness.workspace.token_error = ""
        assert not await installation.is_gone()
        assert await installation.problem() == ""


async def test_slack_does_not_answer(harness: BotHarness) -> None:
    """A token is not taken for a refused one because Slack can't be asked."""
    harness.workspace.faults.add("auth.test", Fault.status(503), times=2)
    async with web_client(harness.workspace.url, harness.workspace.bot_token) as client:
        installation = InstallationCheck(client)
        assert await installation.problem() == ""
        with pytest.raises(UnreachableError):
            await installation.is_gone()

"""The start: what is asked of Slack, in which order, and what has to be imported for it."""

import asyncio
import sys

import pytest

from slackbot.errors import ConfigError
from slackbot.playground.fake_slack.faults import Fault
from slackbot.slack import texts
from tests.harness import BotHarness

FIRST_CALLS = ["apps.connections.open", "auth.test"]


def methods(harness: BotHarness) -> list[str]:
    return sorted(call.method for call in harness.workspace.calls)


async def test_a_start_asks_slack_once(harness: BotHarness) -> None:
    """The address that proves the app-level token is the one that is connected to: Slack allows
    about one such call a minute.
    """
    async with harness.running():
        assert harness.workspace.connections == 1
        assert methods(harness) == FIRST_CALLS


async def test_slack_is_asked_everything_at_once(harness: BotHarness) -> None:
    """The second question does not wait for the answer to the first one."""
    harness.workspace.faults.add("auth.test", Fault.delay())

    async def start() -> None:
        async with harness.running():
            pass

    starting = asyncio.create_task(start())
    await harness.workspace.until(
        lambda: harness.workspace.held_calls and methods(harness) == FIRST_CALLS
    )
    harness.workspace.release_calls()
    await starting


async def test_a_start_that_takes_longer_than_its_address_is_good_for(harness: BotHarness) -> None:
    """Where the first address expires before everything else is ready, Slack is asked for one more;
    if it limits that, the bot waits as long as Slack says, and starts.
    """
    workspace = harness.workspace
    workspace.faults.add("auth.test", Fault.delay())

    async def start() -> None:
        async with harness.running():
            assert workspace.connections == 1

    starting = asyncio.create_task(start())
    await workspace.until(lambda: workspace.held_calls and methods(harness) == FIRST_CALLS)
    workspace.sockets.ticket_lifetime = 0.0
    workspace.faults.add("apps.connections.open", Fault.rate_limited(1))
    workspace.release_calls()
    await workspace.until(lambda: not workspace.faults.pending)
    workspace.sockets.ticket_lifetime = 30.0
    await starting
    assert methods(harness).count("apps.connections.open") == 3


@pytest.mark.parametrize(
    ("changes", "variable", "advice"),
    [
        ({"SLACK_APP_TOKEN": "xapp-wrong"}, "SLACK_APP_TOKEN", texts.HOW_TO_GET_SOCKET_ACCESS),
        (
            {"SLACK_APP_TOKEN": "xapp-wrong", "SLACK_BOT_TOKEN": "xoxb-wrong"},
            "SLACK_BOT_TOKEN",
            texts.HOW_TO_GET_BOT_ACCESS,
        ),
    ],
)
async def test_tokens_that_are_refused(
    harness: BotHarness, changes: dict[str, str], variable: str, advice: str
) -> None:
    """A wrong app-level token ends the start before anything is connected; a wrong bot token too,
    and it is the one that is named if both are wrong.
    """
    with pytest.raises(ConfigError) as raised:
        async with harness.running(changes):
            pass
    assert raised.value.variable == variable
    assert raised.value.user_message == (
        f"{variable} {texts.REFUSED_AT_START.format(code='invalid_auth', advice=advice)}"
    )
    assert methods(harness) == FIRST_CALLS
    assert harness.workspace.connections == 0


async def test_slack_limits_the_start(harness: BotHarness) -> None:
    """A start too soon after another one waits as long as Slack asks, and works then."""
    harness.workspace.faults.add("apps.connections.open", Fault.rate_limited(1))
    async with harness.running():
        assert harness.workspace.connections == 1
    assert methods(harness) == ["apps.connections.open", *FIRST_CALLS]


async def test_slack_comes_back(harness: BotHarness) -> None:
    """A bot that starts during an outage waits for its end, and answers what is asked then."""
    harness.workspace.faults.outage = True

    async def start() -> None:
        async with harness.running():
            await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])

    starting = asyncio.create_task(start())
    await harness.workspace.until(lambda: methods(harness).count("auth.test") == 3)
    harness.workspace.faults.clear()
    await starting


async def test_a_token_is_revoked_while_the_bot_waits(harness: BotHarness) -> None:
    """Only what is final ends the start."""
    harness.workspace.faults.add("auth.test", Fault.status(503))
    harness.workspace.faults.add("auth.test", Fault.error("account_inactive"))
    with pytest.raises(ConfigError, match="account_inactive"):
        async with harness.running():
            pass


async def test_the_start_does_not_wait_for_the_library_of_openai() -> None:
    """It takes as long to import as all the rest, and only the first answer needs it."""
    code = "import slackbot.startup, slackbot.app, sys; print('openai' in sys.modules)"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert output.split() == [b"False"]


async def test_little_is_imported_before_slack_is_asked() -> None:
    """The command imports the parts of the bot while Slack answers, not before."""
    code = "import slackbot.cli.serve, sys; print(*(n for n in sys.modules if 'slackbot' in n))"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    imported = {name.split(".")[1] for name in output.decode().split() if "." in name}
    assert "config" in imported
    assert not imported & {"attachments", "conversation", "llm", "markdown", "store", "tools"}

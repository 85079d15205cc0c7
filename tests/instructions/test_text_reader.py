"""Reading what people write as instructions, over the wire."""

from collections.abc import AsyncIterator

import pytest

from tests.harness import BotHarness
from tests.instructions_harness import InstructionsHarness


@pytest.fixture
async def team(harness: BotHarness) -> AsyncIterator[InstructionsHarness]:
    async with harness.running():
        yield InstructionsHarness(harness)


async def test_markup(team: InstructionsHarness) -> None:
    """Mentions become names if Slack knows them, and escaped characters and links are decoded."""
    ben = team.harness.ben.id
    await team.command(team.ada, f"set Ask <@{ben}|ben> &amp; see <https://x.y|this>.")
    assert await team.persona() == "Ask @Ben & see this (https://x.y)."


async def test_channels_and_groups_without_names(team: InstructionsHarness) -> None:
    """What is mentioned by its ID alone is stored by its name."""
    random = team.harness.workspace.add_channel("random")
    ops = team.harness.workspace.add_group("ops")
    await team.command(team.ada, f"set Send bugs to <#{random.id}|> and <!subteam^{ops}>.")
    assert await team.persona() == "Send bugs to #random and @ops."


async def test_a_name_that_slack_does_not_know(team: InstructionsHarness) -> None:
    """A mention of a person whom Slack does not know stays readable."""
    await team.command(team.ada, "set Ask <@U0GHOST>.")
    assert (await team.persona()).startswith("Ask @")


async def test_a_file_that_is_too_long(team: InstructionsHarness) -> None:
    """A file that is too long is refused, and not cut."""
    harness = team.harness
    root = await harness.workspace.say(team.ada, harness.general, "look at this")
    file = harness.workspace.share(team.ada, "long.txt", b"x" * 50_000, "text/plain")
    await harness.workspace.say(
        team.ada,
        harness.general,
        f"{harness.bot.mention} instructions set",
        thread=root.ts,
        files=[file],
    )
    await harness.workspace.until(lambda: harness.workspace.ephemerals)
    assert "too long" in harness.workspace.ephemerals[-1].text

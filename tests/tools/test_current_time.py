from datetime import UTC, datetime, timedelta

from slackbot.playground.fake_slack.faults import Fault
from slackbot.tools import texts
from tests.harness import BotHarness
from tests.tools.tool_calls import call_tool


async def test_time_zones(harness: BotHarness) -> None:
    """The time is that of the person who asks, or of another person in the conversation."""
    mia = harness.workspace.add_person("Mia", tz=("Asia/Kolkata", 19_800))
    harness.general.members.add(mia.id)
    async with harness.running():
        there = await call_tool(harness, "current_time", person=mia)
        assert there.endswith(" in Asia/Kolkata (UTC+0530)")
        now = datetime.now(UTC) + timedelta(seconds=19_800)
        shown = datetime.strptime(there.partition(" in ")[0], "%A, %Y-%m-%d %H:%M").replace(
            tzinfo=UTC
        )
        assert abs(now - shown) < timedelta(minutes=2)
        assert (await call_tool(harness, "current_time")).endswith(" in Etc/UTC (UTC+0000)")
        unknown = await call_tool(harness, "current_time", '{"person": "Zoe"}')
        assert unknown == "Error: Nobody in this conversation is called Zoe. The people are: Ana."
        again = await call_tool(harness, "current_time", '{"person": "@ana"}')
        assert again.endswith(" in Etc/UTC (UTC+0000)")


async def test_slack_unreachable(harness: BotHarness) -> None:
    """If Slack does not say where a person is, the model is told so."""
    harness.workspace.faults.add("users.info", Fault.error("user_not_found"), times=3)
    async with harness.running():
        assert await call_tool(harness, "current_time") == f"Error: {texts.SLACK_UNREACHABLE}"

"""How the tests of tools let the model call one, and see what it reads."""

import json

from slackbot.playground.fake_openai.script import calls
from slackbot.playground.fake_slack.members import Channel, Person
from slackbot.playground.fake_slack.messages import PostedMessage
from tests.harness import BotHarness


def tool_results(harness: BotHarness) -> list[str]:
    """The results of tools in the last request to the model."""
    messages = harness.model.requests[-1]["messages"]
    return [message["content"] for message in messages if message["role"] == "tool"]


async def call_tool(
    harness: BotHarness,
    tool: str,
    arguments: str = "{}",
    *,
    person: Person | None = None,
    channel: Channel | None = None,
) -> str:
    """Ana, or another person, asks; the model calls the tool. Returns what the model reads."""
    harness.model.enqueue(calls(tool, arguments), "So.")
    question = await harness.workspace.say(
        person or harness.ana, channel or harness.general, f"{harness.bot.mention} go"
    )
    await harness.finished(question)
    return tool_results(harness)[-1]


async def read_link(
    harness: BotHarness,
    message: PostedMessage,
    *,
    person: Person | None = None,
    channel: Channel | None = None,
) -> str:
    """What the model reads if it calls `read_slack_link` with the link to a message."""
    place = f"{message.channel}/p{message.ts.replace('.', '')}"
    thread = f"?thread_ts={message.thread_ts}" if message.thread_ts else ""
    link = f"https://example.slack.com/archives/{place}{thread}"
    arguments = json.dumps({"link": link})
    return await call_tool(harness, "read_slack_link", arguments, person=person, channel=channel)

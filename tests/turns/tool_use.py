"""The tools of these tests, and what the model is told of them."""

from tests.harness import BotHarness

TOOLS = {"SLACKBOT_TOOLS": "tests.tools.sample_tools"}


def tool_results(harness: BotHarness, request: int = -1) -> list[str]:
    """The results of tools in a request to the model."""
    messages = harness.model.requests[request]["messages"]
    return [message["content"] for message in messages if message["role"] == "tool"]

from tests.harness import BotHarness

BUILTIN = ["current_time", "read_slack_link", "search_conversations"]


async def test_every_bot_has_them(harness: BotHarness) -> None:
    """A bot without any settings for tools offers the built-in ones, in the same order."""
    async with harness.running():
        harness.model.enqueue("Hello.")
        await harness.finished(await harness.mention("hello"))
    tools = [tool["function"] for tool in harness.model.requests[0]["tools"]]
    assert [tool["name"] for tool in tools] == BUILTIN


async def test_the_caller_is_not_an_argument(harness: BotHarness) -> None:
    """The model can't say who asks: no tool has a parameter for it."""
    async with harness.running():
        harness.model.enqueue("Hello.")
        await harness.finished(await harness.mention("hello"))
    for tool in harness.model.requests[0]["tools"]:
        assert "caller" not in tool["function"]["parameters"]["properties"]

"""What a running bot says of itself."""

from tests.harness import BotHarness


async def test_it_says_what_it_is_connected_to(harness: BotHarness) -> None:
    """Each connection has its line, and no secret is in it."""
    async with harness.running({"PORT": "0"}) as service:
        said = str(service)
    assert [line.split()[0] for line in said.splitlines()] == [
        "team",
        "bot",
        "model",
        "database",
        "listening",
    ]
    assert f"Socket Mode, HTTP on port {service.port}" in said
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "OPENAI_API_KEY"):
        assert harness.environment[name] not in said

"""What Slack is asked at the start; `tests/test_startup.py` has the whole start."""

import pytest

from slackbot import config
from slackbot.slack.sign_in import signing_in
from tests.harness import BotHarness


@pytest.mark.parametrize("over_http", [False, True])
async def test_what_is_asked(harness: BotHarness, *, over_http: bool) -> None:
    """Slack says who the bot is and, unless events come over HTTP, where to connect."""
    changes = {"SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": "secret", "PORT": "8080"}
    settings = config.parse(harness.environment | (changes if over_http else {}))
    async with signing_in(settings.slack) as sign_in:
        assert (await sign_in.identity).user == harness.bot.id
        assert (await sign_in.socket_address is None) is over_http
    methods = {call.method for call in harness.workspace.calls}
    assert ("apps.connections.open" in methods) is not over_http

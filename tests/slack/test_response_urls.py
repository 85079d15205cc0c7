"""Answers to slash commands; `test_instructions_listeners.py` has the commands."""

import pytest

from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.slack.client import web_client
from slackbot.slack.response_urls import respond


async def test_an_answer() -> None:
    """Only the person who wrote the command sees it."""
    async with Workspace() as workspace:
        ana = workspace.add_person("Ana")
        url = workspace.response_url(workspace.add_channel("general", members=[ana]), ana)
        async with web_client(workspace.url, workspace.bot_token) as client:
            await respond(client, url, "It is set.")
        (shown,) = workspace.ephemerals
        assert (shown.user, shown.text) == (ana.id, "It is set.")


async def test_failures_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    """An address that is not good any more, and one where nobody is."""
    async with (
        Workspace() as workspace,
        web_client(workspace.url, workspace.bot_token) as client,
    ):
        await respond(client, f"{workspace.origin}/response/old", "It is set.")
        await respond(client, "http://127.0.0.1:9/", "It is set.")
    lines = [each.getMessage() for each in caplog.records if each.name.startswith("slackbot")]
    assert lines == [
        "A command was not answered: status 404",
        "A command was not answered: ClientConnectorError",
    ]

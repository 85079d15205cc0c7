from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.workspace import Workspace
from tests.harness import BotHarness


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[BotHarness]:
    async with Workspace() as workspace, ModelServer() as model:
        yield BotHarness(workspace, model, tmp_path)

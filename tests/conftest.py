from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.workspace import Workspace
from tests.harness import Stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with Workspace() as workspace, ModelServer() as model:
        yield Stage(workspace, model, tmp_path)

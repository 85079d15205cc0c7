from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from slackbot.playground.model_server import ModelServer
from slackbot.playground.workspace import Workspace
from tests.stage import Stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with Workspace() as workspace, ModelServer() as model:
        yield Stage(workspace, model, tmp_path)

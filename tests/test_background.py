"""Background tasks and their end."""

import asyncio

import pytest

from slackbot import background
from slackbot.background import BackgroundTasks


async def test_they_end_when_the_bot_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks that can finish within the grace do, the others are cancelled."""
    monkeypatch.setattr(background, "GRACE_SECONDS", 0.05)
    ended: list[str] = []
    begun = asyncio.Event()

    async def quick() -> None:
        await begun.wait()
        ended.append("quick")

    async def slow() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("slow")

    owner = BackgroundTasks()
    owner.begin(quick())
    owner.begin(slow())
    await owner.close()
    assert ended == ["quick", "slow"]
    await owner.close()


async def test_one_that_fails(caplog: pytest.LogCaptureFixture) -> None:
    """A task that fails leaves its traceback in the log."""

    async def fails() -> None:
        raise RuntimeError("what nobody foresaw")

    owner = BackgroundTasks()
    owner.begin(fails())
    await owner.close()
    assert "what nobody foresaw" in caplog.text

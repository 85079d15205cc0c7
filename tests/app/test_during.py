"""Work that goes on while a block runs."""

import asyncio

import pytest

from slackbot.app.during import during


async def test_work_that_fails(caplog: pytest.LogCaptureFixture) -> None:
    """A bug that ends it is in the log at once, and the block goes on."""
    failed = asyncio.Event()

    async def work() -> None:
        failed.set()
        raise ArithmeticError("a bug")

    async with during(work()):
        await failed.wait()
        await asyncio.sleep(0)  # the task ends
        assert "ArithmeticError: a bug" in caplog.text


async def test_work_that_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    """It is cancelled with the block, and that is no failure."""
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with during(work()):
        await asyncio.sleep(0)
    assert ended.is_set()
    assert caplog.records == []

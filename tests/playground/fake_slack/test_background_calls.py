import asyncio

import pytest

from slackbot.playground.fake_slack.background_calls import BackgroundCalls


async def test_the_end() -> None:
    """At the end what still runs is cancelled, and what is done stays done."""
    async with BackgroundCalls() as background:
        done = background.run(asyncio.sleep(0, "done"))
        waiting = background.run(asyncio.Event().wait())
        assert await done == "done"
    assert waiting.cancelled()


async def test_failures_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    """An error that nobody awaits is logged."""

    async def failing() -> None:
        raise LookupError("broken")

    async with BackgroundCalls() as background:
        await asyncio.wait([background.run(failing())])
    (record,) = caplog.records
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], LookupError)

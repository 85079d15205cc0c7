"""Garbage collection while the bot starts."""

import asyncio
import gc
from collections.abc import Iterator

import pytest

from slackbot.cli import garbage


@pytest.fixture(autouse=True)
def collecting() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.enable()


async def test_what_is_imported_is_never_collected(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is collected at the start; afterwards a collection skips all that is there."""
    monkeypatch.setattr(garbage, "IMPORTING_SECONDS", 0.0)
    garbage.collect_no_imports()
    assert not gc.isenabled()
    there = gc.get_freeze_count()
    async with asyncio.timeout(10):
        while not gc.isenabled():  # noqa: ASYNC110 - the collector has no event
            await asyncio.sleep(0)
    assert gc.get_freeze_count() > there
    assert len(gc.get_objects()) < gc.get_freeze_count()

"""The clock on which an hour passes in seconds."""

import asyncio
import time

import pytest

from benchmarks import virtual_clock


def test_waiting_takes_no_time() -> None:
    """Timers fire in their order and at their times, and an hour of them passes at once."""

    async def wait() -> list[float]:
        now = asyncio.get_running_loop().time
        woken = list[float]()

        async def wake(seconds: float) -> None:
            await asyncio.sleep(seconds)
            woken.append(now())

        await asyncio.gather(*map(wake, (3_600.0, 0.5, 60.0)))
        return woken

    before = time.monotonic()
    assert virtual_clock.run(wait()) == [0.5, 60.0, 3_600.0]
    assert time.monotonic() - before < 5.0


def test_what_never_ends_is_an_error() -> None:
    """Where nothing will ever happen again, the run fails instead of hanging."""

    async def wait() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(RuntimeError, match="nothing will ever happen"):
        virtual_clock.run(wait())

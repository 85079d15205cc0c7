"""Keeps Python's garbage collector away from what is imported.

A full collection looks at every object there is, while nothing else runs. Most of the bot's objects
are code that stays until the end: to look at them takes 100 ms.
"""

import asyncio
import gc

IMPORTING_SECONDS = 3.0
"""How long parts of the bot are still imported after it is connected."""


def collect_no_imports() -> None:
    """Collects no garbage while the bot starts, and only what comes later once it has started."""
    gc.disable()
    asyncio.get_running_loop().call_later(IMPORTING_SECONDS, _collect_from_now_on)


def _collect_from_now_on() -> None:
    gc.freeze()
    gc.enable()

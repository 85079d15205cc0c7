"""Runs blocking functions in threads that the bot does not have to wait for."""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from contextlib import suppress

from slackbot.errors import ToolNotRunError
from slackbot.tools import texts

MAX_THREADS = 32
"""How many functions run at once. A function that hangs can't be ended, and counts forever."""

_THREAD_NAME = f"{__name__}.tool"


async def run_in_thread(function: Callable[[], str]) -> str:
    """Runs the function in a daemon thread, so one that hangs does not keep the bot from ending.

    Raises what the function raises, and ToolNotRunError if MAX_THREADS are busy.
    """
    if sum(thread.name == _THREAD_NAME for thread in threading.enumerate()) >= MAX_THREADS:
        raise ToolNotRunError(texts.TOO_MANY_THREADS)
    loop = asyncio.get_running_loop()
    future: asyncio.Future[str] = loop.create_future()
    context = contextvars.copy_context()

    def settle(result: str, error: BaseException | None) -> None:
        if future.cancelled():
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)

    def run() -> None:
        result = ""
        error: BaseException | None = None
        try:
            result = context.run(function)
        except StopIteration as err:  # no future takes it: https://peps.python.org/pep-0479
            error = RuntimeError(repr(err))
        except Exception as err:  # noqa: BLE001 - the caller gets it
            error = err
        except BaseException as err:  # noqa: BLE001 - a tool that exits does not end the bot
            error = RuntimeError(repr(err))
        with suppress(RuntimeError):  # the loop has ended, and nobody waits
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, name=_THREAD_NAME, daemon=True).start()
    return await future

import asyncio
import threading
from contextvars import ContextVar

import pytest

from slackbot.errors import ToolError
from slackbot.tools import threads
from slackbot.tools.threads import MAX_THREADS, run_in_thread

word: ContextVar[str] = ContextVar("word", default="none")


async def test_result_and_error() -> None:
    """The caller gets what the function returns or raises."""

    def fail() -> str:
        raise ValueError("no")

    assert await run_in_thread(lambda: "yes") == "yes"
    with pytest.raises(ValueError, match="no"):
        await run_in_thread(fail)


async def test_exit_is_an_error() -> None:
    """A function that tries to end the program raises an ordinary error instead."""

    def leave() -> str:
        raise SystemExit(3)

    with pytest.raises(RuntimeError, match="SystemExit"):
        await run_in_thread(leave)


async def test_a_stop_iteration_is_an_error() -> None:
    """A future can't raise StopIteration, so it becomes an ordinary error, as in a generator.

    https://peps.python.org/pep-0479
    """
    nothing: list[str] = []
    with pytest.raises(RuntimeError, match="StopIteration"):
        await asyncio.wait_for(run_in_thread(lambda: next(iter(nothing))), 10)


def test_a_function_that_outlives_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its thread ends without a word."""
    loud: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", loud.append)
    release = threading.Event()
    before = set(threading.enumerate())

    async def begin() -> threading.Thread:
        call = asyncio.create_task(run_in_thread(lambda: str(release.wait())))
        await asyncio.sleep(0)
        call.cancel()
        (thread,) = set(threading.enumerate()) - before
        return thread

    with asyncio.Runner() as runner:
        thread = runner.run(begin())
    release.set()
    thread.join(10)
    assert not thread.is_alive()
    assert not loud


async def test_context() -> None:
    """The function sees the context variables of its caller, in a thread that ends with the bot."""
    word.set("here")

    def look() -> str:
        thread = threading.current_thread()
        return f"{word.get()} {thread.daemon} {thread is threading.main_thread()}"

    assert await run_in_thread(look) == "here True False"


async def test_too_many() -> None:
    """When all threads hang, a further call is refused instead of waiting for ever."""
    release = threading.Event()
    hanging = [
        threading.Thread(target=release.wait, name=f"{threads.__name__}.tool", daemon=True)
        for _ in range(MAX_THREADS)
    ]
    for thread in hanging:
        thread.start()
    try:
        with pytest.raises(ToolError, match="Too many tools"):
            await run_in_thread(lambda: "yes")
    finally:
        release.set()
        for thread in hanging:
            thread.join()
    assert await run_in_thread(lambda: "yes") == "yes"

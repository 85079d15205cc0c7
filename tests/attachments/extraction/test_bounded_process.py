import asyncio
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from slackbot.attachments.extraction.bounded_process import ProcessFailedError, run_bounded


async def run(
    code: str, *, request: Iterable[bytes] = (), max_bytes: int = 100, timeout_seconds: float = 30
) -> bytes:
    return await run_bounded(
        (sys.executable, "-I", "-c", code),
        request,
        environment={},
        max_bytes=max_bytes,
        timeout_seconds=timeout_seconds,
    )


async def failure(code: str, *, timeout_seconds: float = 30) -> str:
    with pytest.raises(ProcessFailedError) as caught:
        await run(code, timeout_seconds=timeout_seconds)
    return str(caught.value)


def children() -> set[str]:
    """The process IDs of this process's children, also of those that have ended."""
    tasks = Path("/proc/self/task").iterdir()
    return {child for task in tasks for child in (task / "children").read_text().split()}


async def test_output() -> None:
    """The process gets the request and the end of it, and its output comes back."""
    code = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read()[::-1])"
    assert await run(code, request=(b"ab", b"cd")) == b"dcba"


async def test_long_request() -> None:
    """A long request and a long output don't wait for each other."""
    code = "import sys; [sys.stdout.buffer.write(line) for line in sys.stdin.buffer]"
    content = (b"x" * 999 + b"\n") * 5_000
    assert await run(code, request=(content,), max_bytes=len(content)) == content


async def test_unread_request() -> None:
    """A process that does not read its request, and ends, has given its output."""
    assert await run("print('x')", request=(b"x" * 10**7,)) == b"x\n"


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
async def test_endless_output(stream: str) -> None:
    """A process that writes without an end is killed as soon as it has written too much."""
    code = f"import sys\nwhile True: sys.{stream}.buffer.write(b'x' * 10**5)"
    assert await failure(code) == "it wrote more than it may"


async def test_most_output() -> None:
    """Exactly as much as is allowed may be written, and no byte more."""
    code = "import sys; sys.stdout.buffer.write(bytes({}))"
    assert await run(code.format(100)) == bytes(100)
    assert await failure(code.format(101)) == "it wrote more than it may"


async def test_timeout() -> None:
    """A process that takes too long is killed, even if its output is complete."""
    code = "import os, time; os.write(1, b'x'); os.close(1); os.close(2); time.sleep(1_000)"
    assert await failure(code, timeout_seconds=0.5) == "it took more than 0.5 s"


async def test_process_that_leaves_another_behind() -> None:
    """Nobody waits for another process that keeps the streams open."""
    code = "import os, time\nif os.fork() == 0:\n  os.setsid()\n  time.sleep(3)"
    assert await failure(code, timeout_seconds=0.5) == "it took more than 0.5 s"


async def test_exception() -> None:
    """The log gets the name of the exception, and nothing else that the process writes."""
    assert await failure("raise KeyError('secret')") == "1, KeyError"
    hostile = "import sys; print('Error\\x1b[2J and words', file=sys.stderr); sys.exit(3)"
    assert await failure(hostile) == "3, no exception"


async def test_cancelled() -> None:
    """Who stops waiting leaves no process behind."""
    before = children()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await run("import time; time.sleep(1_000)")
    assert children() == before

"""The process itself, as the sandbox starts it."""

import asyncio
import json
import signal
import tempfile
from typing import Any

from slackbot.attachments.extraction.reader_process import READER
from tests import sample_files

REQUEST = {
    "mimetype": "",
    "memory_bytes": 768 * 2**20,
    "cpu_seconds": 20,
    "must_be_isolated": False,
    "text_bytes": 100,
    "audio_seconds": 60,
}


async def run(content: bytes, **limits: int) -> tuple[int, Any, bytes]:
    """The process's exit code, its line of JSON, and what follows that."""
    process = await asyncio.create_subprocess_exec(
        *READER,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=tempfile.gettempdir(),
        env={},
    )
    header = json.dumps({**REQUEST, **limits}).encode()
    output, _ = await process.communicate(header + b"\n" + content)
    line, _, extracted = output.partition(b"\n")
    assert process.returncode is not None
    return process.returncode, json.loads(line) if line else None, extracted


async def test_text() -> None:
    """It answers with a line of JSON, then with the content for the model."""
    code, result, extracted = await run(b"one\ntwo\n")
    assert (code, extracted) == (0, b"one\ntwo\n")
    assert result == {"kind": "text", "total_bytes": 8}


async def test_reasons() -> None:
    """It says why it can't read a file, with the figures of the sentence for that."""
    assert await run(b"MZ\x90\x00") == (0, {"unreadable": "unknown"}, b"")
    figures = {"megabytes": 300, "limit": 100}
    _, result, _ = await run(sample_files.zip_bomb())
    assert result == {"unreadable": "too_large_unpacked", **figures}


async def test_any_error_of_a_library_is_damage() -> None:
    """It names the error of a library, without the file's content."""
    _, result, extracted = await run(sample_files.picture()[:60])
    assert result["unreadable"] == "damaged"
    assert set(result) == {"unreadable", "error"}
    assert extracted == b""


async def test_memory() -> None:
    """A file that takes more memory than the process has is too complex."""
    _, result, _ = await run(sample_files.sparse_xlsx())
    assert result is None or result["unreadable"] == "too_complex"


async def test_cpu_time() -> None:
    """A process that has used up its time is ended by the system.

    The first process in a namespace can't be warned by SIGXCPU, only killed.
    """
    code, result, _ = await run(sample_files.hour_long_mp3(), cpu_seconds=1, audio_seconds=3_600)
    assert code in (-signal.SIGXCPU, -signal.SIGKILL)
    assert result is None

import asyncio
import sys
import sysconfig
from pathlib import Path

import pytest

from slackbot.attachments.extraction.reader_process import write_bytecode
from tests import sample_files

FILES = {
    "text/plain": b"hello",
    "application/vnd.slack-docs": b"<p>Plan</p>",
    "message/rfc822": b"Subject: Hello\r\n\r\nHow are you?\r\n",
    "image/png": sample_files.picture("PNG"),
    "image/jpeg": sample_files.rotated_jpeg(),
    "image/gif": sample_files.animated_gif(),
    "image/webp": sample_files.picture("WEBP"),
    "application/pdf": sample_files.pdf("hello"),
    "application/docx": sample_files.docx("hello"),
    "application/pptx": sample_files.pptx(),
    "application/xlsx": sample_files.xlsx(),
    "audio/mp4": sample_files.recording(),
}

STANDARD_LIBRARY = sysconfig.get_path("stdlib")
"""Its bytecode comes with Python."""

READS = """
import sys
from slackbot.attachments.extraction.file_types import detect_kind
from slackbot.attachments.extraction.isolation import isolate
from slackbot.attachments.extraction.readers import READERS, ReadLimits

content = sys.stdin.buffer.read()
isolate(768 * 2**20, 20)
READERS[detect_kind(content, sys.argv[1])](content, ReadLimits(1_000, 60))
for module in list(sys.modules.values()):
    print(getattr(module, "__cached__", None) or "")
"""
"""Does what a reader does, and says where the bytecode of all that it has loaded belongs."""


def written(folder: Path) -> set[str]:
    return {str(path) for path in folder.rglob("*.pyc")}


async def test_nothing_is_left_to_compile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader of any kind of file finds the bytecode of its libraries and its own modules."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    python = (sys.executable, "-I", "-X", f"pycache_prefix={tmp_path}")
    await write_bytecode((*python, "-m", "slackbot.attachments.extraction.bytecode"))
    for mimetype, content in FILES.items():
        process = await asyncio.create_subprocess_exec(
            *(*python, "-B", "-c", READS, mimetype),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await process.communicate(content)
        loaded = {path for path in output.decode().split() if STANDARD_LIBRARY not in path}
        assert loaded - written(tmp_path) == set(), mimetype
        assert loaded


async def test_python_may_write_no_bytecode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PYTHONDONTWRITEBYTECODE counts for this, too."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    python = (sys.executable, "-I", "-X", f"pycache_prefix={tmp_path}")
    await write_bytecode((*python, "-m", "slackbot.attachments.extraction.bytecode"))
    assert written(tmp_path) == set()

"""Reads each file in a process of its own, which has little to break.

The libraries that read files are large, mostly written in C, and given whatever people upload.
`__main__` says what their process may do.
"""

import asyncio
import json
import logging
from typing import Any

from slackbot.attachments import texts
from slackbot.attachments.extraction.reader_process import start_reader
from slackbot.attachments.media_parts import (
    MAX_AUDIO_SECONDS,
    AudioContent,
    ImageContent,
    PdfContent,
    PreparedFile,
    TextContent,
)
from slackbot.conversation.attachment import Attachment
from slackbot.errors import AttachmentError

logger = logging.getLogger(__name__)

MEMORY_BYTES = 768 * 2**20
"""Of address space, for one process."""

CPU_SECONDS = 20
"""For one file."""

MAX_PROCESSES = 2
"""How many run at the same time."""


class ExtractionSandbox:
    def __init__(self, *, cpu_seconds: int = CPU_SECONDS, must_be_isolated: bool = False) -> None:
        """A process that takes half as long again as `cpu_seconds`, by our clock, is killed.

        With `must_be_isolated`, one that the kernel does not isolate reads nothing.
        """
        self._cpu_seconds = cpu_seconds
        self._must_be_isolated = must_be_isolated
        self._slots = asyncio.Semaphore(MAX_PROCESSES)

    async def extract(
        self, attachment: Attachment, content: bytes, max_text_bytes: int
    ) -> PreparedFile:
        """What the model gets of a file, with text of up to `max_text_bytes`.

        Raises AttachmentError.
        """
        request = {
            "mimetype": attachment.mimetype,
            "memory_bytes": MEMORY_BYTES,
            "cpu_seconds": self._cpu_seconds,
            "must_be_isolated": self._must_be_isolated,
            "text_bytes": max_text_bytes,
            "audio_seconds": MAX_AUDIO_SECONDS,
        }
        async with self._slots:
            header = json.dumps(request).encode() + b"\n"
            output = await _run(header + content, self._cpu_seconds * 1.5)
        line, _, extracted = output.partition(b"\n")
        result: dict[str, Any] = json.loads(line) if line else {"unreadable": "too_complex"}
        name = attachment.display_name
        if "unreadable" in result:
            sentence = texts.UNREADABLE[result["unreadable"]]
            raise AttachmentError(
                sentence.format(name=name or "A file", **result), result["unreadable"]
            )
        match result["kind"]:
            case "image":
                size = result["width"], result["height"]
                return ImageContent(extracted, result["mimetype"], *size, name)
            case "audio":
                return AudioContent(extracted, name, result["seconds"], result["total_seconds"])
        text = TextContent(name, extracted.decode(errors="replace"), result["total_bytes"])
        return PdfContent(content, text, result["pages"]) if result["kind"] == "pdf" else text


async def _run(request: bytes, timeout_seconds: float) -> bytes:
    """What the process writes; nothing if it fails or takes too long."""
    process = await start_reader()
    try:
        async with asyncio.timeout(timeout_seconds):
            output, errors = await process.communicate(request)
    except TimeoutError:
        logger.warning("A file was not read within %s s", timeout_seconds)
        return b""
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        last = errors.decode(errors="replace").strip().rpartition("\n")[2].partition(":")[0]
        logger.warning("Reading a file failed (%s): %.80r", process.returncode, last)
        return b""
    return output

"""Files made fit for a model, each by a process of its own that has little to break.

The libraries that read files are large, written in C for the most part, and given whatever people
upload. See __main__.py for what their process may do.
"""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Mapping
from typing import Any

from slackbot.attachments.media_parts import (
    LONGEST_CLIP,
    AudioContent,
    ImageContent,
    PdfContent,
    PreparedFile,
    TextContent,
)
from slackbot.conversation.attachment import Attachment
from slackbot.errors import AttachmentError

logger = logging.getLogger(__name__)

MEMORY = 768 * 2**20
"""Bytes of address space."""

SECONDS = 20

AT_ONCE = 2
"""How many processes run at the same time."""

REASONS: Mapping[str, str] = {
    "encrypted": "“{name}” is protected with a password, so I can't read it.",
    "no_sound": "“{name}” holds no sound that I can hear.",
    "no_text": "“{name}” holds no text that I can read.",
    "unpacks": "“{name}” unpacks to {megabytes} MB, and I read {most} at the most.",
    "damaged": "“{name}” can't be read: it is damaged, or not what its name says.",
    "too_complex": "“{name}” takes too much memory or time to be read.",
    "too_many_pixels": "“{name}” has {megapixels} megapixels, and I look at {most} at the most.",
    "unknown": "“{name}” is not a kind of file that I can read.",
}
"""Why a file can't be read, as the person is told."""

LIBRARIES = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""All that is left of the environment: where Python itself may be."""

COMMAND = (sys.executable, "-I", "-m", "slackbot.attachments.extraction")


class ExtractionSandbox:
    def __init__(self, *, seconds: int = SECONDS) -> None:
        """`seconds` is the time for one file, by its process's own clock; by ours half as much
        again.
        """
        self._seconds = seconds
        self._places = asyncio.Semaphore(AT_ONCE)

    async def prepare(self, attachment: Attachment, content: bytes, most_text: int) -> PreparedFile:
        """What a model is sent of a file, `most_text` bytes of text. Raises AttachmentError."""
        order = {"memory": MEMORY, "seconds": self._seconds, "text": most_text}
        order["sound"] = LONGEST_CLIP
        async with self._places:
            head = json.dumps(order).encode() + b"\n"
            answer = await _run(head + content, self._seconds * 1.5)
        line, _, made = answer.partition(b"\n")
        told: dict[str, Any] = json.loads(line) if line else {"unreadable": "too_complex"}
        if "unreadable" in told:
            sentence = REASONS[told["unreadable"]]
            name = attachment.called or "A file"
            raise AttachmentError(sentence.format(name=name, **told), told["unreadable"])
        match told["kind"]:
            case "picture":
                return ImageContent(made, told["mimetype"], told["width"], told["height"])
            case "clip":
                return AudioContent(made, attachment.called, told["seconds"], told["whole"])
            case "pdf":
                text = TextContent(attachment.called, made.decode(errors="replace"), told["size"])
                return PdfContent(content, text, told["pages"])
        return TextContent(attachment.called, made.decode(errors="replace"), told["size"])


async def _run(order: bytes, seconds: float) -> bytes:
    """What the process writes; nothing if it did not come to its end in time."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={name: os.environ[name] for name in LIBRARIES if name in os.environ},
        start_new_session=True,  # who stops the bot by Ctrl-C does not stop this
    )
    try:
        async with asyncio.timeout(seconds):
            output, errors = await process.communicate(order)
    except TimeoutError:
        logger.warning("A file was not read within %s s", seconds)
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

"""The process that reads one file and ends: `python -m slackbot.attachments.extraction`.

It reads a line of JSON with the limits of the process, then the file's content. It writes a line of
JSON with the result, then the content that the model gets, if any.

Files are hostile. So the libraries that read them run here, with little memory and time, without an
environment, and without a file that they could write; what goes wrong ends with the process.
"""

import json
import resource
import sys
from contextlib import suppress
from typing import Any

from slackbot.attachments.extraction.errors import UnreadableFileError
from slackbot.attachments.extraction.file_types import detect_kind
from slackbot.attachments.extraction.readers import READERS, ReadLimits


def main() -> None:
    request = json.loads(sys.stdin.buffer.readline())
    _limit_process(request["memory_bytes"], request["cpu_seconds"])
    try:
        result, content = _read(request, sys.stdin.buffer.read())
    except UnreadableFileError as err:
        result, content = {"unreadable": err.reason, **err.figures}, b""
    except MemoryError:
        result, content = {"unreadable": "too_complex"}, b""
    except Exception as err:  # noqa: BLE001 - a library may fail in any way over a hostile file
        result, content = {"unreadable": "damaged", "error": type(err).__name__}, b""
    sys.stdout.buffer.write(json.dumps(result).encode() + b"\n" + content)


def _read(request: dict[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
    kind = detect_kind(content, request["mimetype"])
    if kind is None:
        raise UnreadableFileError("unknown")
    limits = ReadLimits(request["text_bytes"], request["audio_seconds"])
    result, extracted = READERS[kind](content, limits)
    return {"kind": kind, **result}, extracted


def _limit_process(memory_bytes: int, cpu_seconds: int) -> None:
    """From now on the process can't take more memory or CPU time, nor write to a file."""
    with suppress(ValueError):  # macOS knows the memory limit and refuses to set it
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


main()

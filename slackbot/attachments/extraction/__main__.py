"""The process that reads one file and ends: `python -m slackbot.attachments.extraction`.

A JSON line with the limits of this process comes in, then the file's content.
A JSON line goes out with what became of it, then the content that the model is sent, if any.

Files are hostile. So their libraries run here, with little memory and time, with nothing in the
environment, and without a file that could be written; what they do wrong ends with the process.
"""

import json
import resource
import sys
from contextlib import suppress
from typing import Any

from slackbot.attachments.extraction.errors import UnreadableFileError
from slackbot.attachments.extraction.file_types import kind_of
from slackbot.attachments.extraction.readers import READERS, Most


def main() -> None:
    request = json.loads(sys.stdin.buffer.readline())
    _confine(request["memory"], request["seconds"])
    try:
        told, content = _read(request, sys.stdin.buffer.read())
    except UnreadableFileError as err:
        told, content = {"unreadable": err.reason, **err.figures}, b""
    except MemoryError:
        told, content = {"unreadable": "too_complex"}, b""
    except Exception as err:  # noqa: BLE001 - a library may fail in any way over a hostile file
        told, content = {"unreadable": "damaged", "error": type(err).__name__}, b""
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + content)


def _read(request: dict[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
    kind = kind_of(content)
    if kind is None:
        raise UnreadableFileError("unknown")
    told, made = READERS[kind](content, Most(request["text"], request["sound"]))
    return {"kind": kind, **told}, made


def _confine(memory: int, seconds: int) -> None:
    """From now on for ever: memory in bytes, CPU time in seconds, and no file grows."""
    with suppress(ValueError):  # macOS knows the limit and takes none
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


main()

"""The process that reads one file and ends: `python -m slackbot.attachments.extraction`.

It reads a line of JSON with the limits of the process, then the file's content. It writes a line of
JSON with the result, then the content that the model gets, if any.

Files are hostile. So the libraries that read them run here, after the process has isolated itself:
with little memory and time, without an environment, a file, a network or another process that they
could reach. What goes wrong ends with the process.
"""

import json
import sys
from io import FileIO
from typing import Any

from slackbot.attachments.extraction.errors import UnreadableFileError
from slackbot.attachments.extraction.file_types import detect_kind
from slackbot.attachments.extraction.isolation import Isolation, isolate
from slackbot.attachments.extraction.readers import READERS, ReadLimits


def main() -> None:
    standard_input = FileIO(sys.stdin.fileno(), closefd=False)  # takes no more than it is asked for
    request = json.loads(standard_input.readline())
    isolation = isolate(request["memory_bytes"], request["cpu_seconds"])
    try:
        result, content = _read(request, isolation, standard_input)
    except UnreadableFileError as err:
        result, content = {"unreadable": err.reason, **err.figures}, b""
    except MemoryError:
        result, content = {"unreadable": "too_complex"}, b""
    except Exception as err:  # noqa: BLE001 - a library may fail in any way over a hostile file
        result, content = {"unreadable": "damaged", "error": type(err).__name__}, b""
    sys.stdout.buffer.write(json.dumps(result).encode() + b"\n" + content)


def _read(
    request: dict[str, Any], isolation: Isolation, source: FileIO
) -> tuple[dict[str, Any], bytes]:
    if request["must_be_isolated"] and isolation.lacks:
        raise UnreadableFileError("not_isolated")
    content = source.readall()
    kind = detect_kind(content, request["mimetype"])
    if kind is None:
        raise UnreadableFileError("unknown")
    limits = ReadLimits(request["text_bytes"], request["audio_seconds"])
    result, extracted = READERS[kind](content, limits)
    return {"kind": kind, **result}, extracted


main()

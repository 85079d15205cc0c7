"""Server-sent events, the format of OpenAI's streams."""

import json
from collections.abc import Mapping
from typing import Any

DONE = b"data: [DONE]\n\n"
GARBLED = b'data: {"choices": [{"del\n\n'
COMMENT = b": keep-alive\n\n"


def event(data: Mapping[str, Any], name: str = "") -> bytes:
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(data)}\n\n".encode()

"""The record of one call of a Web API method, which tests and the inspector read."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from slackbot.playground.wire import Json


@dataclass(slots=True, eq=False)
class RecordedCall:
    """A call of a Web API method, from its arrival on. Times are monotonic seconds."""

    method: str
    args: Json
    started: float
    ended: float = math.inf
    """When it was answered, or its connection reset; infinite while it is under way."""
    status: int = 0
    """The HTTP status it was answered with; 0 without an answer."""
    error: str = ""
    answer: Mapping[str, Any] = field(default_factory=dict)
    """The JSON it was answered with."""

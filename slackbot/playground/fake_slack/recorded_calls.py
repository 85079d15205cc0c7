"""The record of a Web API call, for tests and the inspector."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from slackbot.playground.json_types import Json


@dataclass(slots=True, eq=False)
class RecordedCall:
    """A call of a Web API method. Times are monotonic seconds."""

    method: str
    args: Json
    started: float
    ended: float = math.inf
    """When it was answered or its connection reset; infinite while it runs."""
    status: int = 0
    """The HTTP status of the answer; 0 without one."""
    error: str = ""
    answer: Mapping[str, Any] = field(default_factory=dict)
    """The JSON of the answer."""

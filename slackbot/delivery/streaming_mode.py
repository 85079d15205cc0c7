"""The two ways in which a message grows, and their calls."""

from collections.abc import Mapping, Sequence
from typing import Literal

from slackbot.delivery.call_budgets import Method

StreamingMode = Literal["native", "edit"]
"""By edits, or as one of Slack's streams."""

EDITS: Sequence[StreamingMode] = ["edit"]
STREAMS: Sequence[StreamingMode] = ["native"]
BEST: Sequence[StreamingMode] = ["native", "edit"]
"""The modes that a message may take; with several, the one in which it lags least."""

OPENING_CALLS: Mapping[StreamingMode, Method] = {
    "edit": "chat.postMessage",
    "native": "chat.startStream",
}
INTERIM_CALLS: Mapping[StreamingMode, Method] = {
    "edit": "chat.update",
    "native": "chat.appendStream",
}
ENDING_CALLS: Mapping[StreamingMode, Method] = {
    "edit": "chat.update",
    "native": "chat.stopStream",
}


def mode_of(method: Method) -> StreamingMode | None:
    """Returns how a message grows after this call; None if it is deleted."""
    for mode in OPENING_CALLS:
        if method in (OPENING_CALLS[mode], INTERIM_CALLS[mode], ENDING_CALLS[mode]):
            return mode
    return None

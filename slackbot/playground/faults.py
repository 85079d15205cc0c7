"""Failures to order: what a real network and a real Slack do now and then, when a test asks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["answer", "reset_before", "reset_after", "hang"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to the caller of a Web API method."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """One way for a call to fail. Unless said otherwise the call has no effect."""

    kind: Kind
    answer: Answer | None = None
    seconds: float = 0.0

    @classmethod
    def status(cls, status: int) -> "Fault":
        """An HTTP error, as from Slack's own front door."""
        return cls("answer", Answer(status, {"ok": False, "error": "internal_error"}, {}))

    @classmethod
    def error(cls, error: str) -> "Fault":
        """An answer with `ok: false` and this error."""
        return cls("answer", Answer(200, {"ok": False, "error": error}, {}))

    @classmethod
    def rate_limited(cls, retry_after: int = 1) -> "Fault":
        return cls("answer", rate_limited(retry_after))

    @classmethod
    def reset_before(cls) -> "Fault":
        """The connection is reset, and the call has had no effect."""
        return cls("reset_before")

    @classmethod
    def reset_after(cls) -> "Fault":
        """The connection is reset, but the call has had its effect."""
        return cls("reset_after")

    @classmethod
    def hang(cls, seconds: float) -> "Fault":
        """The call has its effect at once; its answer takes `seconds` longer."""
        return cls("hang", seconds=seconds)


def rate_limited(retry_after: int) -> Answer:
    """https://docs.slack.dev/apis/web-api/rate-limits#responding-to-rate-limiting-conditions"""
    headers = {"Retry-After": str(retry_after)}
    return Answer(429, {"ok": False, "error": "ratelimited"}, headers)


Condition = Callable[[Mapping[str, Any]], bool]


@dataclass(slots=True)
class _Order:
    method: str
    fault: Fault
    left: int
    when: Condition

    def fits(self, method: str, args: Mapping[str, Any]) -> bool:
        return self.left > 0 and self.method == method and self.when(args)


class Faults:
    """The failures that are ordered and have not happened yet."""

    def __init__(self) -> None:
        self._orders: list[_Order] = []

    def add(
        self, method: str, fault: Fault, *, times: int = 1, when: Condition | None = None
    ) -> None:
        """The next `times` calls of `method` whose arguments satisfy `when` fail like this."""
        self._orders.append(_Order(method, fault, times, when or (lambda _: True)))

    def take(self, method: str, args: Mapping[str, Any]) -> Fault | None:
        """The fault that this call is to suffer; what was ordered first comes first."""
        for order in self._orders:
            if order.fits(method, args):
                order.left -= 1
                return order.fault
        return None

    def clear(self) -> None:
        """Everything works again."""
        self._orders.clear()

    @property
    def pending(self) -> int:
        """How many failures are still to come."""
        return sum(order.left for order in self._orders)

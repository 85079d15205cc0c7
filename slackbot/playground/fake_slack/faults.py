"""Failures to order: what a real network and a real Slack do now and then, when a test asks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from random import Random
from typing import Any, Literal

FaultKind = Literal["none", "answer", "reset_before", "reset_after", "hang", "delay", "late"]


@dataclass(frozen=True, slots=True)
class FaultAnswer:
    """What goes back to the caller of a Web API method."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """One way for a call to fail. Unless said otherwise the call has no effect."""

    kind: FaultKind
    answer: FaultAnswer | None = None
    seconds: float | None = 0.0
    """How long the call is held; None means until `Workspace.release_calls`."""

    @classmethod
    def status(cls, status: int) -> "Fault":
        """An HTTP error, as from Slack's own front door."""
        return cls("answer", FaultAnswer(status, {"ok": False, "error": "internal_error"}, {}))

    @classmethod
    def error(cls, error: str) -> "Fault":
        """An answer with `ok: false` and this error."""
        return cls("answer", FaultAnswer(200, {"ok": False, "error": error}, {}))

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
    def hang(cls, seconds: float | None = None) -> "Fault":
        """The call takes effect at once; its answer comes `seconds` later, or when released."""
        return cls("hang", seconds=seconds)

    @classmethod
    def delay(cls, seconds: float | None = None) -> "Fault":
        """The call takes effect and is answered `seconds` later, or when released.

        It takes effect even if the caller has given up waiting by then.
        """
        return cls("delay", seconds=seconds)

    @classmethod
    def late(cls, failure: "Fault", seconds: float | None = None) -> "Fault":
        """The call fails now, and takes effect nevertheless `seconds` later, or when released.

        `failure` is what the caller sees: `status`, `error`, `rate_limited` or `reset_before`.
        """
        return cls("late", failure.answer, seconds)


def rate_limited(retry_after: int) -> FaultAnswer:
    """https://docs.slack.dev/apis/web-api/rate-limits#responding-to-rate-limiting-conditions"""
    headers = {"Retry-After": str(retry_after)}
    return FaultAnswer(429, {"ok": False, "error": "ratelimited"}, headers)


RandomFault = Literal[
    "rate_limited", "500", "503", "fatal_error", "reset_before", "reset_after", "hang"
]

EXPOSED = ("chat.", "conversations.", "assistant.", "users.")
"""The methods that the weather befalls."""

LONGEST_HANG = 0.5


@dataclass(frozen=True, slots=True)
class _RandomFaults:
    rng: Random
    kinds: Mapping[RandomFault, float]

    def fault(self, method: str) -> Fault | None:
        if not method.startswith(EXPOSED):
            return None
        drawn = self.rng.random()
        for kind, probability in self.kinds.items():
            drawn -= probability
            if drawn < 0:
                return self._fault(kind)
        return None

    def _fault(self, kind: RandomFault) -> Fault:
        match kind:
            case "rate_limited":
                return Fault.rate_limited(1)
            case "500" | "503":
                return Fault.status(int(kind))
            case "fatal_error":
                return Fault.error(kind)
            case "reset_before":
                return Fault.reset_before()
            case "reset_after":
                return Fault.reset_after()
            case "hang":
                return Fault.hang(self.rng.uniform(0, LONGEST_HANG))


Condition = Callable[[Mapping[str, Any]], bool]


@dataclass(slots=True)
class _PlannedFault:
    method: str
    fault: Fault
    left: int
    when: Condition

    def fits(self, method: str, args: Mapping[str, Any]) -> bool:
        return self.left > 0 and fnmatchcase(method, self.method) and self.when(args)


class Faults:
    """The failures that are ordered and have not happened yet, and the weather."""

    def __init__(self) -> None:
        self._orders: list[_PlannedFault] = []
        self._forecast: _RandomFaults | None = None

    def add(
        self, method: str, fault: Fault, *, times: int = 1, when: Condition | None = None
    ) -> None:
        """The next `times` calls of `method` whose arguments satisfy `when` fail like this.

        `chat.*` stands for all methods that begin so.
        """
        self._orders.append(_PlannedFault(method, fault, times, when or (lambda _: True)))

    def fail_randomly(self, rng: Random, kinds: Mapping[RandomFault, float]) -> None:
        """From now on any call may fail, each kind with its own probability, until `clear`.

        The same seed and the same calls in the same order suffer the same.
        """
        self._forecast = _RandomFaults(rng, kinds)

    def take(self, method: str, args: Mapping[str, Any]) -> Fault | None:
        """The fault that this call is to suffer; what was ordered first comes first."""
        for order in self._orders:
            if order.fits(method, args):
                order.left -= 1
                return order.fault
        return None if self._forecast is None else self._forecast.fault(method)

    def clear(self) -> None:
        """Everything works again."""
        self._orders.clear()
        self._forecast = None

    @property
    def pending(self) -> int:
        """How many of the failures that were ordered are still to come."""
        return sum(order.left for order in self._orders)

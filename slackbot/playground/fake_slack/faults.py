"""Injected faults: a test can make Web API calls fail as a real network and Slack sometimes do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from random import Random
from typing import Any, Literal

FaultKind = Literal[
    "none", "answer", "answer_after", "reset_before", "reset_after", "hang", "delay", "late"
]


@dataclass(frozen=True, slots=True)
class FaultAnswer:
    """The answer to a Web API call."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str]
    raw: bytes | None = None
    """What is sent instead of `body`, where that is not JSON; `headers` give its type."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One way for a call to fail. The call takes no effect unless stated otherwise."""

    kind: FaultKind
    answer: FaultAnswer | None = None
    seconds: float | None = 0.0
    """How long the call is held; None means until `Workspace.release_calls`."""

    @classmethod
    def status(cls, status: int) -> "Fault":
        """Answers with an HTTP error status."""
        return cls("answer", FaultAnswer(status, {"ok": False, "error": "internal_error"}, {}))

    @classmethod
    def error(cls, error: str) -> "Fault":
        """Answers with `ok: false` and this error."""
        return cls.refusal({"error": error})

    @classmethod
    def refusal(cls, body: Mapping[str, Any]) -> "Fault":
        """Answers with `ok: false` and these other fields."""
        return cls("answer", FaultAnswer(200, {"ok": False, **body}, {}))

    @classmethod
    def foreign(
        cls,
        status: int,
        content: bytes,
        content_type: str,
        headers: Mapping[str, str] | None = None,
        *,
        after: bool = False,
    ) -> "Fault":
        """Answers with something else than Slack's JSON, as a proxy does.

        `after`: the call has taken effect before.
        """
        headers = {"Content-Type": content_type, **(headers or {})}
        return cls("answer_after" if after else "answer", FaultAnswer(status, {}, headers, content))

    @classmethod
    def rate_limited(cls, retry_after: int = 1) -> "Fault":
        return cls("answer", rate_limited(retry_after))

    @classmethod
    def reset_before(cls) -> "Fault":
        """Resets the connection; the call takes no effect."""
        return cls("reset_before")

    @classmethod
    def reset_after(cls) -> "Fault":
        """Resets the connection after the call has taken effect."""
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
    "rate_limited",
    "500",
    "503",
    "fatal_error",
    "reset_before",
    "reset_after",
    "hang",
    "late",
    "refused",
]
"""`refused` is an error with HTTP 200 that passes, `late` fails and takes effect afterwards."""

PASSING_REFUSALS: Sequence[Mapping[str, Any]] = (
    {"error": "rate_limited"},
    {"error": "message_limit_exceeded"},
    {"error": "team_added_to_org"},
    {"error": "org_login_required"},
    {"error": "internal_error"},
    {"error": "service_unavailable"},
    {"error": "an_error_that_is_in_no_list"},
    {},
)
"""Answers with `ok: false` and HTTP 200 after which the same call works later.

https://docs.slack.dev/reference/methods/chat.postMessage#errors
"""

RANDOM_FAULT_METHODS = ("chat.", "conversations.", "assistant.", "users.")
"""The methods that random faults hit."""

MAX_RANDOM_HANG_SECONDS = 0.5

MAX_RANDOM_DELAY_SECONDS = 0.2
"""How late a call takes effect after it has failed."""


@dataclass(frozen=True, slots=True)
class _RandomFaults:
    rng: Random
    kinds: Mapping[RandomFault, float]

    def fault(self, method: str) -> Fault | None:
        if not method.startswith(RANDOM_FAULT_METHODS):
            return None
        drawn = self.rng.random()
        for kind, probability in self.kinds.items():
            drawn -= probability
            if drawn < 0:
                return self._fault(kind)
        return None

    def _fault(self, kind: RandomFault) -> Fault:
        rng = self.rng
        faults: Mapping[RandomFault, Callable[[], Fault]] = {
            "rate_limited": lambda: Fault.rate_limited(1),
            "500": lambda: Fault.status(500),
            "503": lambda: Fault.status(503),
            "fatal_error": lambda: Fault.error("fatal_error"),
            "reset_before": Fault.reset_before,
            "reset_after": Fault.reset_after,
            "hang": lambda: Fault.hang(rng.uniform(0, MAX_RANDOM_HANG_SECONDS)),
            "late": lambda: Fault.late(
                rng.choice([Fault.reset_before(), Fault.status(503), Fault.error("fatal_error")]),
                rng.uniform(0, MAX_RANDOM_DELAY_SECONDS),
            ),
            "refused": lambda: Fault.refusal(rng.choice(PASSING_REFUSALS)),
        }
        return faults[kind]()


Condition = Callable[[Mapping[str, Any]], bool]


@dataclass(slots=True)
class _PlannedFault:
    method: str
    fault: Fault
    left: int
    when: Condition

    def matches(self, method: str, args: Mapping[str, Any]) -> bool:
        return self.left > 0 and fnmatchcase(method, self.method) and self.when(args)


class Faults:
    """The planned faults that have not happened yet, and the random ones."""

    def __init__(self) -> None:
        self.outage = False
        """Every call fails before it takes effect."""
        self._planned: list[_PlannedFault] = []
        self._random: _RandomFaults | None = None

    def add(
        self, method: str, fault: Fault, *, times: int = 1, when: Condition | None = None
    ) -> None:
        """Plans a fault for the next `times` calls of `method` whose arguments satisfy `when`.

        A pattern such as `chat.*` matches several methods.
        """
        self._planned.append(_PlannedFault(method, fault, times, when or (lambda _: True)))

    def fail_randomly(self, rng: Random, kinds: Mapping[RandomFault, float]) -> None:
        """Makes calls fail at random from now on, each kind with its probability, until `clear`.

        The same seed and the same sequence of calls give the same faults.
        """
        self._random = _RandomFaults(rng, kinds)

    def take(self, method: str, args: Mapping[str, Any]) -> Fault | None:
        """Returns the fault for this call, if any; planned faults come first, in order."""
        if self.outage:
            return Fault.reset_before()
        for planned in self._planned:
            if planned.matches(method, args):
                planned.left -= 1
                return planned.fault
        return None if self._random is None else self._random.fault(method)

    def clear(self) -> None:
        """Removes all faults."""
        self.outage = False
        self._planned.clear()
        self._random = None

    @property
    def pending(self) -> int:
        """How many planned faults have not happened yet."""
        return sum(planned.left for planned in self._planned)

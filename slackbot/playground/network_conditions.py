"""How Slack behaves in the playground: its latency, its rate limits, and the next failure."""

from dataclasses import replace

from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.rate_limits import RateLimits
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.playground.json_types import Json

TYPICAL_LATENCY_SECONDS = 0.08
"""How long a Web API call takes, as measured against Slack from a data centre."""
MAX_LATENCY_SECONDS = 5.0

WRITE_METHODS = "chat.*"
"""The methods by which the bot writes; planned failures hit these."""
RETRY_AFTER_SECONDS = 5

FAULTS = {
    "429": Fault.rate_limited(RETRY_AFTER_SECONDS),
    "500": Fault.status(500),
    "reset": Fault.reset_after(),
}


class NetworkConditions:
    """Starts with Slack's documented limits and its typical latency."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.strictness = 1.0
        workspace.latency = TYPICAL_LATENCY_SECONDS
        workspace.limits = RateLimits()

    def json(self) -> Json:
        return {
            "latency": self._workspace.latency,
            "strictness": self.strictness,
            "pending": self._workspace.faults.pending,
        }

    def set_latency(self, latency: float) -> None:
        """Sets how long a call takes, in seconds."""
        self._workspace.latency = min(max(latency, 0.0), MAX_LATENCY_SECONDS)

    def set_strictness(self, strictness: float) -> None:
        """Sets the rate limits: 0 is none, 1 is Slack's own, 2 allows half as many calls."""
        self.strictness = strictness
        self._workspace.limits = None if strictness <= 0 else _scaled(RateLimits(), 1 / strictness)

    def fail_next_write(self, fault: str) -> None:
        """Makes the bot's next write fail; raises KeyError for an unknown fault."""
        self._workspace.faults.add(WRITE_METHODS, FAULTS[fault])
        self._workspace.changes.notify()

    async def disconnect(self) -> None:
        """Drops the bot's connections to Slack."""
        await self._workspace.disconnect_sockets(None)


def _scaled(limits: RateLimits, factor: float) -> RateLimits:
    fields = (name for name in RateLimits.__dataclass_fields__ if name not in ("post", "burst"))
    fewer = {name: max(1, round(getattr(limits, name) * factor)) for name in fields}
    return replace(limits, **fewer, post=limits.post * factor)

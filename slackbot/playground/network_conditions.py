"""How Slack behaves in the playground: how slow, how strict, and what fails next."""

from dataclasses import replace

from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.rate_limits import RateLimits
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.playground.wire import Json

LATENCY = 0.08
"""Seconds for a call of a Web API method, as measured against Slack from a data centre."""
MOST_LATENCY = 5.0

REPLIES = "chat.*"
"""What the ordered failures befall: what the bot writes."""
RETRY_AFTER = 5

FAULTS = {
    "429": Fault.rate_limited(RETRY_AFTER),
    "500": Fault.status(500),
    "reset": Fault.reset_after(),
}


class NetworkConditions:
    """Fair at first: Slack's documented limits, and its usual speed."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.strictness = 1.0
        workspace.latency = LATENCY
        workspace.limits = RateLimits()

    def json(self) -> Json:
        return {
            "latency": self._workspace.latency,
            "strictness": self.strictness,
            "pending": self._workspace.faults.pending,
        }

    def slow_down(self, latency: float) -> None:
        """`latency` in seconds."""
        self._workspace.latency = min(max(latency, 0.0), MOST_LATENCY)

    def limit(self, strictness: float) -> None:
        """0: no limits; 1: Slack's own; 2: half as many calls; and so on."""
        self.strictness = strictness
        self._workspace.limits = None if strictness <= 0 else _scaled(RateLimits(), 1 / strictness)

    def strike(self, fault: str) -> None:
        """The next call by which the bot writes fails so; raises KeyError for an unknown one."""
        self._workspace.faults.add(REPLIES, FAULTS[fault])
        self._workspace.changes.notify()

    async def cut_off(self) -> None:
        """The bot's connections to Slack break, abruptly."""
        await self._workspace.disconnect_sockets(None)


def _scaled(limits: RateLimits, factor: float) -> RateLimits:
    fields = (name for name in RateLimits.__dataclass_fields__ if name not in ("post", "burst"))
    fewer = {name: max(1, round(getattr(limits, name) * factor)) for name in fields}
    return replace(limits, **fewer, post=limits.post * factor)

import pytest

from slackbot.playground.fake_slack.rate_limits import RateLimits
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.playground.network_conditions import NetworkConditions


def test_a_normal_day() -> None:
    """At first Slack has its documented limits and its typical latency."""
    workspace = Workspace()
    assert NetworkConditions(workspace).json() == {
        "latency": 0.08,
        "strictness": 1.0,
        "pending": 0,
    }
    assert workspace.limits == RateLimits()


def test_latency_is_bounded() -> None:
    """A call takes between 0 and 5 seconds."""
    workspace = Workspace()
    network = NetworkConditions(workspace)
    network.set_latency(-1.0)
    assert workspace.latency == 0.0
    network.set_latency(60.0)
    assert workspace.latency == 5.0


def test_strictness() -> None:
    """Strictness divides the calls that Slack allows, down to one; 0 lifts the limits."""
    workspace = Workspace()
    network = NetworkConditions(workspace)
    network.set_strictness(2)
    assert workspace.limits is not None
    assert (workspace.limits.update, workspace.limits.post) == (25, 0.5)
    assert workspace.limits.burst == RateLimits().burst
    network.set_strictness(1_000)
    assert workspace.limits.update == 1
    network.set_strictness(0)
    assert workspace.limits is None


def test_planned_failures() -> None:
    """A planned failure hits the next write, and nothing else; an unknown one is a KeyError."""
    workspace = Workspace()
    network = NetworkConditions(workspace)
    network.fail_next_write("500")
    assert network.json()["pending"] == 1
    assert workspace.faults.take("users.info", {}) is None
    assert workspace.faults.take("chat.update", {}) is not None
    with pytest.raises(KeyError):
        network.fail_next_write("rain")

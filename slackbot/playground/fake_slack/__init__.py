"""A local Slack workspace: the Web API, Socket Mode and HTTP events, rate limits and faults.

People act in it, and the app under test talks to it as it does to Slack.
"""

from slackbot.playground.fake_slack.delivery import Delivery
from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.faults import Fault, FaultAnswer, RandomFault
from slackbot.playground.fake_slack.members import Channel, Person
from slackbot.playground.fake_slack.messages import MessageVersion, PostedMessage
from slackbot.playground.fake_slack.rate_limits import RateLimits
from slackbot.playground.fake_slack.recorded_calls import RecordedCall
from slackbot.playground.fake_slack.workspace import Workspace

__all__ = [
    "Channel",
    "Delivery",
    "Fault",
    "FaultAnswer",
    "MessageVersion",
    "Person",
    "PostedMessage",
    "RandomFault",
    "RateLimits",
    "RecordedCall",
    "RefusedError",
    "Workspace",
]

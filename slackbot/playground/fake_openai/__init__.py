"""A local OpenAI-compatible server, which answers with scripts.

It checks requests as strictly as OpenAI does, and can fail in every known way.
"""

from slackbot.playground.fake_openai.request_checks import Feature, RequestRules
from slackbot.playground.fake_openai.script import (
    Refusal,
    Script,
    calls,
    calls_together,
    declines,
    fails,
    says,
)
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_openai.stream import ModelStream
from slackbot.playground.fake_openai.strict_checks import Strictness

__all__ = [
    "Feature",
    "ModelServer",
    "ModelStream",
    "Refusal",
    "RequestRules",
    "Script",
    "Strictness",
    "calls",
    "calls_together",
    "declines",
    "fails",
    "says",
]

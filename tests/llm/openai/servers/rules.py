"""The rules of a server that refuses with its own words, in a body of its own format."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from slackbot.llm.openai.request import Feature
from slackbot.playground.fake_openai.request_checks import RequestRules, features_of
from slackbot.playground.fake_openai.script import Refusal
from slackbot.playground.fake_openai.strict_checks import strict_problem

Body = Callable[[str], Any]
"""The body of an error with these words."""


def openai_body(words: str) -> Any:
    """OpenAI's format."""
    return {"error": {"message": words, "type": "invalid_request_error", "code": None}}


@dataclass(frozen=True, slots=True)
class ServerRules(RequestRules):
    words: Mapping[Feature, str] = field(default_factory=dict)
    """What the server says about each feature that it refuses, in the order in which it looks."""
    statuses: Mapping[Feature, int] = field(default_factory=dict)
    """For features that it refuses with another status than the rest."""
    body: Body = openai_body
    problem: Callable[[Sequence[Mapping[str, Any]]], str | None] = lambda _: None
    """What else is wrong with messages, if anything."""
    shape_status: int | None = None
    shape_body: Body | None = None
    """The body of an error about the messages, where that is another one."""

    def violation(self, request: Any) -> Refusal | None:
        if problem := RequestRules().violation(request):
            return problem
        used = features_of(request)
        for feature, words in self.words.items():
            if feature in used:
                return Refusal(self.statuses.get(feature, self.status), raw=self.body(words))
        messages = request["messages"]
        wrong = strict_problem(messages, self.strict) or self.problem(messages)
        if wrong is None:
            return None
        return Refusal(self.shape_status or self.status, raw=(self.shape_body or self.body)(wrong))

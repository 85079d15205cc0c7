"""What servers demand that take less than OpenAI's."""

from typing import Any

import pytest
from aiohttp import ClientSession

from slackbot.playground.fake_openai.request_checks import RequestRules
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_openai.strict_checks import STRICT_CHECKS, Strictness, strict_problem
from tests.playground.fake_openai.requests import ask

SYSTEM = {"role": "system", "content": "Be brief."}
USER = {"role": "user", "content": "Hello?"}
ANSWER = {"role": "assistant", "content": "Hello!"}


def call(name: str) -> dict[str, Any]:
    return {"id": name, "type": "function", "function": {"name": "f", "arguments": "{}"}}


def calling(*names: str, content: str | None = "") -> dict[str, Any]:
    return {"role": "assistant", "content": content, "tool_calls": [call(name) for name in names]}


def result(name: str, content: str = "3") -> dict[str, Any]:
    return {"role": "tool", "content": content, "tool_call_id": name}


TAKEN: dict[Strictness, list[Any]] = {
    "alternating_roles": [SYSTEM, USER, calling("a"), result("a"), ANSWER, USER],
    "starts_with_user": [SYSTEM, USER, USER],
    "no_system_role": [USER, USER],
    "system_first": [SYSTEM, USER],
    "no_user_after_tool": [USER, calling("a"), result("a"), ANSWER, USER],
    "no_blank_content": [USER, calling("a", content=None), result("a")],
    "no_null_content": [USER, calling("a"), result("a")],
    "no_text_with_calls": [USER, ANSWER, calling("a"), result("a")],
    "single_calls": [USER, calling("a"), result("a"), calling("b"), result("b")],
    "nine_character_ids": [USER, calling("abcDEF123"), result("abcDEF123")],
    "no_tool_role": [SYSTEM, USER, ANSWER, USER],
}
REFUSED: list[tuple[Strictness, list[Any]]] = [
    ("alternating_roles", [SYSTEM, USER, USER]),
    ("alternating_roles", [SYSTEM, ANSWER, USER]),
    ("alternating_roles", [SYSTEM, USER, ANSWER, ANSWER, USER]),
    ("alternating_roles", [{**SYSTEM, "role": "developer"}, USER]),
    ("alternating_roles", [SYSTEM, SYSTEM, USER]),
    ("starts_with_user", [SYSTEM, ANSWER, USER]),
    ("no_system_role", [SYSTEM, USER]),
    ("no_system_role", [{**SYSTEM, "role": "developer"}, USER]),
    ("system_first", [SYSTEM, SYSTEM, USER]),
    ("no_user_after_tool", [USER, calling("a"), result("a"), USER]),
    ("no_user_after_tool", [USER, ANSWER]),
    ("no_blank_content", [USER, calling("a"), result("a")]),
    ("no_blank_content", [USER, calling("a", content=None), result("a", " \n")]),
    ("no_blank_content", [{"role": "user", "content": ""}]),
    ("no_blank_content", [USER, {"role": "assistant", "refusal": "No."}, USER]),
    ("no_null_content", [USER, calling("a", content=None), result("a")]),
    ("no_text_with_calls", [USER, calling("a", content="Wait."), result("a")]),
    ("single_calls", [USER, calling("a", "b"), result("a"), result("b")]),
    ("nine_character_ids", [USER, calling("call_1234"), result("call_1234")]),
    ("no_tool_role", [USER, calling("a"), result("a")]),
]


@pytest.mark.parametrize("name", STRICT_CHECKS)
def test_what_is_taken(name: Strictness) -> None:
    """Each demand can be met."""
    assert strict_problem(TAKEN[name], frozenset({name})) is None


@pytest.mark.parametrize(("name", "messages"), REFUSED)
def test_what_is_refused(name: Strictness, messages: list[Any]) -> None:
    """What does not meet a demand is refused, and by no server without that demand."""
    assert strict_problem(messages, frozenset({name}))
    assert strict_problem(messages, frozenset()) is None


async def test_a_strict_server(server: ModelServer, http: ClientSession) -> None:
    """A server can have several demands; its status is its own, and it may give no reason."""
    server.answer = lambda _: "Fine"
    strict = frozenset[Strictness]({"alternating_roles", "no_system_role"})
    server.rules = RequestRules(strict=strict, status=500)
    status, body = await ask(http, messages=[SYSTEM, USER])
    assert (status, body["error"]["message"]) == (500, "System role not supported")
    assert "must alternate" in str(await ask(http, messages=[USER, USER]))
    assert (await ask(http))[0] == 200
    server.rules = RequestRules(strict=strict, names_it=False)
    assert "Something went wrong" in str(await ask(http, messages=[USER, USER]))

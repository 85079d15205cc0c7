import base64
from typing import Any

import pytest
from aiohttp import ClientSession

from tests.playground.fake_openai.requests import problem

LIST = {"type": "object", "properties": {"a": {"type": "array"}}}


TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}


@pytest.mark.parametrize(
    ("tools", "param"),
    [
        ([], "tools"),
        ([TOOL] * 129, "tools"),
        ([TOOL, TOOL], "tools"),
        ([{"type": "function"}], "tools[0]"),
        ([{**TOOL, "function": {"name": "f x"}}], "tools[0].function.name"),
        (
            [{**TOOL, "function": {"name": "f", "parameters": {"type": "string"}}}],
            "tools[0].function.parameters",
        ),
        (
            [{**TOOL, "function": {"name": "f", "parameters": {"type": "object", "not": {}}}}],
            "tools[0].function.parameters",
        ),
        (
            [{**TOOL, "function": {"name": "f", "parameters": LIST}}],
            "tools[0].function.parameters",
        ),
        (
            [{**TOOL, "function": {"name": "f", "description": "x" * 1_025}}],
            "tools[0].function.description",
        ),
    ],
)
async def test_tools_are_checked(http: ClientSession, tools: object, param: str) -> None:
    """Tools that OpenAI's server would refuse are refused here, and a choice without tools."""
    assert (await problem(http, tools=tools))["param"] == param
    assert (await problem(http, tool_choice="none"))["param"] == "tool_choice"


def url(content: bytes, mimetype: str = "image/png") -> str:
    return f"data:{mimetype};base64,{base64.b64encode(content).decode()}"


def image(url: object, **more: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, **more}}

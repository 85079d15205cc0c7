"""Checks the tools of a request as OpenAI's server does.

https://platform.openai.com/docs/api-reference/chat/create#chat-create-tools
"""

from collections.abc import Iterator, Mapping
from typing import Any

from slackbot.playground.fake_openai.script import Refusal
from slackbot.playground.fake_openai.violations import NAME_PATTERN, invalid

MAX_TOOLS = 128


MAX_DESCRIPTION_CHARACTERS = 1_024


def about_tools(request: Mapping[str, Any]) -> Iterator[Refusal]:
    tools = request.get("tools")
    if tools is None:
        if "tool_choice" in request:
            yield invalid("tool_choice", "It is only allowed when 'tools' are specified.")
        return
    if not isinstance(tools, list) or not 0 < len(tools) <= MAX_TOOLS:
        yield invalid("tools", f"Expected an array of 1 to {MAX_TOOLS} tools.")
        return
    names = []
    for number, tool in enumerate(tools):
        where = f"tools[{number}].function"
        function = tool.get("function") if isinstance(tool, dict) else None
        if not isinstance(function, dict) or tool.get("type") != "function":
            yield invalid(f"tools[{number}]", "Expected a tool of type 'function'.")
            continue
        name = function.get("name")
        names.append(name)
        if not (isinstance(name, str) and NAME_PATTERN.match(name)):
            yield invalid(
                f"{where}.name", f"Expected a string that matches {NAME_PATTERN.pattern}."
            )
        if problem := _about_schema(function.get("parameters", {"type": "object"})):
            yield Refusal(
                message=f"Invalid schema for function '{name}': {problem}",
                code="invalid_function_parameters",
                param=f"{where}.parameters",
            )
        if len(function.get("description") or "") > MAX_DESCRIPTION_CHARACTERS:
            yield invalid(f"{where}.description", f"Over {MAX_DESCRIPTION_CHARACTERS} characters.")
    if len(set(names)) < len(names):
        yield invalid("tools", "Tool names must be unique.")


def _about_schema(schema: Any) -> str:
    """Returns what is wrong with the schema of a tool's parameters, or ""."""
    if not isinstance(schema, dict) or schema.get("type") != "object":
        return "schema must be a JSON Schema of 'type: \"object\"'."
    if any(key in schema for key in ("oneOf", "anyOf", "allOf", "enum", "not")):
        return "schema must not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level."
    for name, part in schema.get("properties", {}).items():
        if isinstance(part, dict) and part.get("type") == "array" and "items" not in part:
            return f"In context=('properties', '{name}'), array schema missing items."
    return ""

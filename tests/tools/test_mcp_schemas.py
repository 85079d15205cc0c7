"""Which schemas of a server reach the model."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.tools.mcp_schemas import (
    MAX_DEPTH,
    MAX_SCHEMA_BYTES,
    canonical,
    schema_problem,
    without_words,
)

TREE = {
    "type": "object",
    "properties": {"root": {"$ref": "#/$defs/node"}},
    "$defs": {
        "node": {
            "type": "object",
            "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/node"}}},
        }
    },
}


def nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    for _ in range(depth):
        schema = {"a": schema}
    return schema


@pytest.mark.parametrize(
    "schema",
    [
        {},
        TREE,
        nested(MAX_DEPTH - 1),
        {"properties": {"$ref": {"type": "string"}}},
        {"a/b": {"~": {}}, "properties": {"x": {"$ref": "#/a~1b/~0"}}},
        {"anyOf": [{}, {"$ref": "#/anyOf/0"}]},
        {"$ref": "#/$defs/any", "$defs": {"any": True}},
    ],
)
def test_schemas_that_can_be_followed(schema: dict[str, Any]) -> None:
    """Trees refer to themselves, and a property can be called like a keyword."""
    assert schema_problem(schema) is None


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        (nested(MAX_DEPTH), "nested more than"),
        ({"enum": ["x" * MAX_SCHEMA_BYTES]}, "bytes, more than"),
        ({"$ref": "#"}, "in a circle"),
        ({"$ref": "https://example.com/schema"}, "not in it"),
        ({"$ref": "#anchor"}, "not in it"),
        ({"$ref": "#/$defs/none"}, "not in it"),
        ({"$ref": "#/anyOf/1", "anyOf": [{}]}, "not in it"),
        ({"$ref": 7}, "not in it"),
        ({"a": {"$ref": "#/b"}, "b": {"$ref": "#/a"}}, "in a circle"),
    ],
)
def test_schemas_that_can_not(schema: dict[str, Any], problem: str) -> None:
    """Each has a phrase that says why."""
    assert problem in (schema_problem(schema) or "")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("$ref"), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["$ref", "properties", "a"]), json_values))
def test_any_schema_gets_an_answer(schema: dict[str, Any]) -> None:
    """Whatever a server sends, nothing is raised, and its words can be taken away."""
    schema_problem(schema)
    without_words(schema)
    assert canonical(schema) == canonical(dict(reversed(schema.items())))


def test_words() -> None:
    """Texts go, names and types stay, also names that are the same as a keyword."""
    described = {
        "description": "Send it all.",
        "properties": {
            "title": {"type": "string", "description": "Send it all.", "default": "all"},
            "list": {"items": [{"title": "Send it all.", "type": "integer"}]},
        },
    }
    assert without_words(described) == {
        "properties": {"title": {"type": "string"}, "list": {"items": [{"type": "integer"}]}}
    }

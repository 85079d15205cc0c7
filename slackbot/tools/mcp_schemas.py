"""Which schemas of an MCP server the model gets: those that are small and that can be followed."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

MAX_SCHEMA_BYTES = 32 * 1024
"""Of one tool; a model reads a schema of this size as about ten thousand tokens."""

MAX_DEPTH = 24
"""Of objects and lists in each other."""

WORDS = frozenset({"description", "title", "examples", "default", "$comment"})
"""The keywords whose values are texts for the reader of a schema.
https://json-schema.org/draft/2020-12/json-schema-validation#name-a-vocabulary-for-basic-meta
"""

NAMES = frozenset({"properties", "$defs", "definitions", "patternProperties", "dependentSchemas"})
"""The keywords whose values have schemas by names, which may be the same as a keyword."""


def canonical(value: object) -> str:
    """The same JSON for the same value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def schema_problem(schema: Mapping[str, Any]) -> str | None:
    """Why the model does not get a schema; None if it does."""
    if _is_deeper_than(MAX_DEPTH, schema):
        return f"its schema is nested more than {MAX_DEPTH} levels deep"
    size = len(canonical(schema))
    if size > MAX_SCHEMA_BYTES:
        return f"its schema has {size:,} bytes, more than {MAX_SCHEMA_BYTES:,}"
    if any(not _leads_somewhere(reference, schema) for reference in _references(schema)):
        return "its schema refers to what is not in it, or to itself in a circle"
    return None


def without_words(schema: Any) -> Any:
    """A schema without texts for the model: only names, types and bounds."""
    if isinstance(schema, list):
        return [without_words(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: without_words(each) for name, each in value.items()}
        if key in NAMES and isinstance(value, dict)
        else without_words(value)
        for key, value in schema.items()
        if key not in WORDS
    }


def _is_deeper_than(depth: int, value: object) -> bool:
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return depth == 0 or any(_is_deeper_than(depth - 1, each) for each in inner)
    return False


def _references(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for each in value.values():
            yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)


def _leads_somewhere(reference: object, schema: Mapping[str, Any]) -> bool:
    """Whether a reference leads to a part of the schema that is more than another reference.

    A schema that holds itself is fine: trees are described so.
    """
    passed: set[object] = set()
    while isinstance(reference, str):
        if reference in passed:
            return False
        passed.add(reference)
        target = _target(reference, schema)
        if not isinstance(target, dict | bool):
            return False
        if isinstance(target, bool) or "$ref" not in target:
            return True
        reference = target["$ref"]
    return isinstance(reference, dict)  # a property with that name


def _target(reference: str, schema: Any) -> Any:
    """https://datatracker.ietf.org/doc/html/rfc6901#section-6"""
    if reference != "#" and not reference.startswith("#/"):
        return None
    for part in reference.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(schema, dict):
            schema = schema.get(name)
        elif isinstance(schema, list) and name in map(str, range(len(schema))):
            schema = schema[int(name)]
        else:
            return None
    return schema

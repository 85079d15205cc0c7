"""Which values in the configuration of an MCP server are secrets, as far as they can be told."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

VARIABLE = re.compile(r"\$\{(\w+)\}")

SHORTEST_SECRET_CHARACTERS = 6
"""A shorter value is no secret, and would be found in half of all words."""


def secrets_of(written: Mapping[str, Any], url: str, environment: Mapping[str, str]) -> set[str]:
    """The values that `${NAME}` takes from the environment, those of headers, and the user, the
    password and the query of the URL; also each line of one that has several, such as a key.

    `written` is the server's entry as it stands in the file; `url` has its variables replaced.
    """
    found = {environment[name] for name in _variables(written) if name in environment}
    for value in (written.get("headers") or {}).values():
        if VARIABLE.search(value) is None:
            found.update((value, *value.split()[-1:]))  # without the scheme, such as Bearer
    parts = urlsplit(url)
    found.update(unquote(each) for each in (parts.username, parts.password) if each)
    found.update(value for _, value in parse_qsl(parts.query))
    if parts.query:
        found.add(parts.query)
    found.update(line for each in [*found] for line in each.splitlines())
    return {each for each in found if len(each) >= SHORTEST_SECRET_CHARACTERS}


def _variables(value: object) -> Iterator[str]:
    match value:
        case str():
            yield from VARIABLE.findall(value)
        case dict():
            for each in value.values():
                yield from _variables(each)
        case list() | tuple():
            for each in value:
                yield from _variables(each)

"""Lets the model call the tools of MCP servers whose names are theirs alone. Pure."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from slackbot.tools.mcp_tool import McpTool


@dataclass(frozen=True, slots=True)
class NamedTools:
    """Tools that the model can call by their names, and what was refused for its name."""

    tools: Sequence[McpTool]
    collisions: Sequence[str]
    """A phrase for each name that several tools have."""


def with_own_names(tools: Sequence[McpTool], taken: Collection[str]) -> NamedTools:
    """The tools whose names are theirs alone. `taken` are the names of tools of other kinds.

    Of several with one name, all are refused: the model could not say which it means, and a person
    would confirm one for the other. One that no admin has accepted takes no name from others.
    """
    by_name: dict[str, list[McpTool]] = defaultdict(list)
    for tool in tools:
        by_name[tool.definition.name].append(tool)
    kept: list[McpTool] = []
    collisions: list[str] = []
    for name, same in by_name.items():
        accepted = [tool for tool in same if tool.accepted]
        if name in taken:
            collisions.append(f"{_listed(same)} would hide the bot's own tool {name}")
        elif len(same) == 1:
            kept += same
        elif len(accepted) == 1:
            kept += accepted
            refused = [tool for tool in same if tool is not accepted[0]]
            collisions.append(f"{_listed(refused)} would hide {_listed(accepted)} as {name}")
        else:
            collisions.append(f"{_listed(same)} would both be {name}")
    return NamedTools(kept, collisions)


def _listed(tools: Sequence[McpTool]) -> str:
    return " and ".join(f"{tool.name} of {tool.server}" for tool in tools)

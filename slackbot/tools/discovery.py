"""Finds a team's own tools: in the modules that a setting names, and in installed packages."""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from slackbot.errors import ConfigError
from slackbot.tools.functions import FunctionTool, is_tool

ENTRY_POINT_GROUP = "slackbot.tools"
"""An installed package brings tools by an entry point that names a module or a function.

https://packaging.python.org/en/latest/specifications/entry-points/
"""

SETTING = "SLACKBOT_TOOLS"


def discover_tools(modules: Sequence[str]) -> list[FunctionTool]:
    """The tools of these modules, then those of installed packages.

    The modules may be in the working directory. Raises ConfigError.
    """
    here = str(Path.cwd())
    if modules and here not in sys.path:
        sys.path.insert(0, here)
    loaders: dict[str, Callable[[], Any]] = {name: partial(import_module, name) for name in modules}
    loaders |= {entry.name: entry.load for entry in entry_points(group=ENTRY_POINT_GROUP)}
    tools: dict[str, FunctionTool] = {}
    for source, load in loaders.items():
        for function in _load_functions(source, load):
            tool = _make_tool(source, function)
            name = tool.definition.name
            if name in tools:
                raise ConfigError(SETTING, f"leads to two tools called {name}.")
            tools[name] = tool
    return list(tools.values())


def _load_functions(source: str, load: Callable[[], Any]) -> list[Callable[..., Any]]:
    """The functions marked with @tool, also those that the module imports from another."""
    try:
        loaded = load()
    except Exception as err:  # a module may do anything when it is imported
        raise ConfigError(SETTING, f"names {source}, which can't be imported: {err!r}.") from err
    if not isinstance(loaded, ModuleType):
        return [loaded]
    marked = {id(each): each for each in vars(loaded).values() if is_tool(each)}
    if not marked:
        raise ConfigError(SETTING, f"names {source}, in which no function is marked with @tool.")
    return list(marked.values())


def _make_tool(source: str, function: Callable[..., Any]) -> FunctionTool:
    try:
        return FunctionTool(function)
    except (TypeError, NameError) as err:
        name = getattr(function, "__name__", repr(function))
        raise ConfigError(SETTING, f"leads to {source}.{name}: {err}") from err

"""Finding a team's own tools: in modules that a setting names, and in installed packages."""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from slackbot.errors import ConfigError
from slackbot.tools.functions import MARK, FunctionTool

GROUP = "slackbot.tools"
"""The entry points of packages that bring tools: each names a module, or a function.

https://packaging.python.org/en/latest/specifications/entry-points/
"""

VARIABLE = "SLACKBOT_TOOLS"


def discover_tools(modules: Sequence[str]) -> list[FunctionTool]:
    """The tools of these modules, and of all packages that are installed, in their order.

    A module may stand in the folder in which the bot was started. Raises ConfigError.
    """
    here = str(Path.cwd())
    if modules and here not in sys.path:
        sys.path.insert(0, here)
    places: dict[str, Callable[[], Any]] = {name: partial(import_module, name) for name in modules}
    places |= {entry.name: entry.load for entry in entry_points(group=GROUP)}
    tools: dict[str, FunctionTool] = {}
    for place, load in places.items():
        for function in _functions(place, load):
            made = _made(place, function)
            if made.tool.name in tools:
                raise ConfigError(VARIABLE, f"leads to two tools called {made.tool.name}.")
            tools[made.tool.name] = made
    return list(tools.values())


def _functions(place: str, load: Callable[[], Any]) -> list[Callable[..., Any]]:
    """Those that are marked; one that a module has imported from another counts too."""
    try:
        loaded = load()
    except Exception as err:  # whatever the module does when it is imported
        raise ConfigError(VARIABLE, f"names {place}, which can't be imported: {err!r}.") from err
    if not isinstance(loaded, ModuleType):
        return [loaded]
    marked = {id(each): each for each in vars(loaded).values() if hasattr(each, MARK)}
    if not marked:
        raise ConfigError(VARIABLE, f"names {place}, in which no function is marked with @tool.")
    return list(marked.values())


def _made(place: str, function: Callable[..., Any]) -> FunctionTool:
    try:
        return FunctionTool(function)
    except (TypeError, NameError) as err:
        name = getattr(function, "__name__", repr(function))
        raise ConfigError(VARIABLE, f"leads to {place}.{name}: {err}") from err

"""A pytest plugin for `poe mutants`: a mutant meets the tests of its own module.

mutmut knows which tests come across a function. Of these the plugin keeps the module's own
(`tests/delivery/test_demand.py` for `slackbot/delivery/demand.py`); a module without any gets all.
Tests over the wire and tests of long texts take too long to be run a thousand times.
"""

import os
from pathlib import Path

import pytest
from hypothesis import Phase, settings

MAX_EXAMPLES = 15

# A failing example needs no shrinking: that it fails is all that mutmut wants to know.
settings.register_profile(
    "mutants",
    settings.get_profile("ci"),
    max_examples=MAX_EXAMPLES,
    phases=[Phase.explicit, Phase.generate],
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keeps the tests for the mutant that mutmut names in the environment, if it names one."""
    items[:] = [item for item in items if not _is_slow(item)]
    module = os.environ.get("MUTANT_UNDER_TEST", "").rpartition(".")[0]
    if not module.startswith("slackbot."):
        return
    *package, name = module.split(".")[1:]
    folder = Path("tests", *package).parts
    own = [
        item
        for item in items
        if item.path.parent.parts[-len(folder) :] == folder
        and f"{item.path.stem}_".startswith(f"test_{name}_")
    ]
    items[:] = own or items


def _is_slow(item: pytest.Item) -> bool:
    return "harness" in getattr(item, "fixturenames", ()) or "long_text" in item.name

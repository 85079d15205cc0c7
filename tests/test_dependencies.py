"""pyproject.toml names what the bot imports."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import slackbot

ROOT = Path(slackbot.__file__).parent
PROJECT = tomllib.loads((ROOT.parent / "pyproject.toml").read_text())


def imported() -> Iterator[str]:
    """The modules that the bot's code imports, its own and Python's left out."""
    for file in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Import(names=names):
                    modules = [each.name for each in names]
                case ast.ImportFrom(module=str(module), names=names):
                    modules = [f"{module}.{each.name}" for each in names]
                case _:
                    continue
            for module in modules:
                if module.split(".")[0] not in {*sys.stdlib_module_names, "slackbot"}:
                    yield module


def normalized(requirement: str) -> str:
    """The name in a requirement, as packages are compared: lower case, with hyphens."""
    name = re.split(r"[\[<>=!~;@ ]", requirement)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_import_is_declared() -> None:
    """Each library that is imported is a dependency, not only a dependency of another one."""
    declared = {
        normalized(requirement)
        for requirement in (
            *PROJECT["project"]["dependencies"],
            *PROJECT["project"]["optional-dependencies"]["playground"],
            *PROJECT["project"]["optional-dependencies"]["postgres"],
            *PROJECT["dependency-groups"]["local"],
        )
    }
    providers = packages_distributions()
    packages = {module.split(".")[0] for module in imported()}
    unknown = {
        package
        for package in packages
        if not {normalized(each) for each in providers.get(package, [package])} & declared
    }
    assert "openai" in packages
    assert unknown == set()


def test_no_private_module_is_imported() -> None:
    """What a library keeps to itself may change with any of its releases."""
    private = [module for module in imported() if re.search(r"(^|\.)_[a-z]", module)]
    assert private == []

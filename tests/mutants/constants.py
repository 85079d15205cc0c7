"""Mutants that mutmut does not make: the constants of modules and the defaults of classes.

A whole number becomes one more, or a tenth more if that is more; any other number a tenth more.
"""

import ast
import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path


def survivors(folder: Path, modules: Sequence[Path]) -> Iterator[str]:
    """Yields each constant whose change no test of its module sees. `modules` are paths within
    `folder`, which is a copy of the project.
    """
    for module in modules:
        source = (folder / module).read_text(encoding="utf-8")
        tests = sorted(
            (folder / "tests").joinpath(*module.parts[1:-1]).glob(f"test_{module.stem}*.py")
        )
        for number in constants(ast.parse(source)):
            (folder / module).write_text(mutated(source, number), encoding="utf-8")
            if not tests or _pass(folder, tests):
                yield f"{module}:{number.lineno}: {source.splitlines()[number.lineno - 1].strip()}"
        (folder / module).write_text(source, encoding="utf-8")


def constants(tree: ast.AST) -> Iterator[ast.Constant]:
    """The numbers outside functions."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            yield node
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from constants(node)


def mutated(source: str, number: ast.Constant) -> str:
    value = number.value
    assert isinstance(value, int | float)
    assert number.end_col_offset is not None
    more = value + max(1, value // 10) if isinstance(value, int) else value * 1.1 or 1.0
    lines = source.splitlines(keepends=True)
    line = lines[number.lineno - 1].encode()
    changed = line[: number.col_offset] + repr(more).encode() + line[number.end_col_offset :]
    lines[number.lineno - 1] = changed.decode()
    return "".join(lines)


def _pass(folder: Path, tests: Sequence[Path]) -> bool:
    command = ["nice", "-n15", "pytest", "-n0", "-x", "-q", "-ptests.mutants.selection"]
    names = [str(test.relative_to(folder)) for test in tests]
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    options = ["--hypothesis-profile=mutants", "--basetemp=temporary"]
    done = subprocess.run(
        [*command, *options, *names], cwd=folder, env=environment, capture_output=True, check=False
    )
    return done.returncode == 0

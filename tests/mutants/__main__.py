"""`poe mutants`: breaks the core in many small ways, and says which breaks no test sees.

mutmut makes the mutants of one unit after the other; one that the type checker refuses needs no
test. Each unit has a folder in `.cache/mutants/`: there a run that was stopped goes on, those
that survived meet the tests of today, and `mutmut show NAME` shows a mutant. Then the whole suite
runs once, for its coverage by branch.
"""

import argparse
import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from random import Random

from tests.mutants.constants import survivors

ROOT = Path(__file__).parents[2]
FOLDERS = ROOT / ".cache" / "mutants"

NEEDED = ("benchmarks", "examples", "manifest.yml", "slackbot", "tests", "uv.lock")
"""What the tests need of the project."""

UNITS: Mapping[str, Sequence[str]] = {
    "conversation": ("*",),
    "delivery": (
        "annotations",
        "answer_reader",
        "call_repeater",
        "call_request",
        "demand",
        "effects",
        "feature_refusals",
        "page",
        "page_composer",
        "queue_position",
        "rate_limiter",
        "rate_memory",
        "setbacks",
        "step_plan",
        "step_plans",
        "streaming_mode",
    ),
    "delivery.call_budgets": ("call_budgets",),
    "delivery.call_scheduler": ("call_scheduler",),
    "delivery.rate_budget": ("rate_budget",),
    "instructions": (
        "command_parser",
        "form",
        "form_metadata",
        "instruction_text",
        "permissions",
        "revisions",
        "scopes",
        "settings",
        "summaries",
        "yaml_file",
    ),
    "llm": ("prompt", "prompt_builder", "tool_call_assembler", "tool_calls"),
    "llm.openai": ("feature_memory", "feature_negotiation"),
    "markdown": ("*",),
    "turns": (
        "active_turn",
        "approvals",
        "fair_semaphore",
        "store_retry",
        "turn_selection",
    ),
}
"""By unit, the modules whose tests need no server: over the wire a mutant takes minutes.

A unit is a package, or a module that is called millions of times by its tests: mutmut makes each
call of a function that it may change slower, so such a module is changed alone.
"""

# A folder of its own for temporary files: pytest cleans up after other runs in the common one.
CONFIGURATION = r"""
[tool.mutmut]
source_paths = ["slackbot"]
only_mutate = {modules}
do_not_mutate_patterns = ['logger\.\w+\(', 'assert_never\(']
also_copy = ["benchmarks", "examples", "manifest.yml"]
type_check_command = [
    "mypy", "slackbot/{package}", "--output=json", "--disable-error-code=unused-ignore"
]
pytest_add_cli_args_test_selection = {tests}
pytest_add_cli_args = [
    "-n0", "-ptests.mutants.selection", "--hypothesis-profile=mutants", "--timeout=600",
    "--basetemp=../temporary"
]
timeout_constant = 10.0 # by the clock: a busy machine is no endless loop
timeout_multiplier = 3.0
"""

# One process with little priority: people work next to this.
MUTMUT = ("nice", "-n15", "mutmut", "run", "--max-children=1")

SURVIVORS = {0: "survived", 33: "no tests"}
"""By mutmut's exit code."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="poe mutants", description=__doc__.partition("\n")[0])
    parser.add_argument("units", nargs="*", help=f"of {', '.join(UNITS)}; all by default")
    parser.add_argument("--only", default=(), nargs=1, help="a pattern: '*7' is about every tenth")
    parser.add_argument("--coverage", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--sample", type=int, help="so many mutants of each unit, drawn by chance")
    parser.add_argument("--seed", type=int, default=1, help="another seed draws others")
    arguments = parser.parse_args()
    units = arguments.units or list(UNITS)
    chosen: dict[str, Sequence[str]] = dict.fromkeys(units, arguments.only)
    for unit in units:
        prepare(unit)
        if arguments.sample is not None:
            chosen[unit] = sample(unit, arguments.sample, arguments.seed)
        meet_tests(unit, chosen[unit])
    for unit in units:
        report(unit, chosen[unit])
        report_constants(unit)
    if arguments.coverage:
        subprocess.run(["pytest", "--cov", "--cov-report=term:skip-covered"], cwd=ROOT, check=True)


def prepare(unit: str) -> None:
    """Makes the unit's folder, where mutmut finds what it needs."""
    folder = FOLDERS / unit
    folder.mkdir(parents=True, exist_ok=True)
    for name in NEEDED:
        if not (folder / name).exists():
            (folder / name).symlink_to(ROOT / name)
    forget_survivors(folder)
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (folder / "pyproject.toml").write_text(project + configuration(unit), encoding="utf-8")


def sample(unit: str, count: int, seed: int) -> Sequence[str]:
    """Makes the mutants of a unit. Returns the names of so many of them, or of all if there are
    fewer.
    """
    # It makes them, finds none of this name, and stops.
    subprocess.run([*MUTMUT, "no mutant"], cwd=FOLDERS / unit, check=False, capture_output=True)
    names = sorted(results(unit))
    return Random(seed).sample(names, min(count, len(names)))  # noqa: S311 - no secret


def meet_tests(unit: str, only: Sequence[str]) -> None:
    """Runs the tests of a unit on each of its mutants that is not killed yet, or on those whose
    names match a pattern.
    """
    subprocess.run([*MUTMUT, *only], cwd=FOLDERS / unit, check=True)


def forget_survivors(folder: Path) -> None:
    """Lets them meet the tests of today, which may come across other functions than before."""
    (folder / "mutants" / "mutmut-stats.json").unlink(missing_ok=True)
    for file in folder.glob("mutants/slackbot/**/*.meta"):
        results = json.loads(file.read_text(encoding="utf-8"))
        codes = results["exit_code_by_key"]
        codes.update({name: None for name, code in codes.items() if code in SURVIVORS})
        file.write_text(json.dumps(results), encoding="utf-8")


def package_of(unit: str) -> str:
    """Returns the folder of a unit's modules, in `slackbot/` and in `tests/`."""
    folder = Path(*unit.split("."))
    return str(folder if (ROOT / "slackbot" / folder).is_dir() else folder.parent)


def configuration(unit: str) -> str:
    """The part of mutmut in the unit's pyproject.toml."""
    package = package_of(unit)
    modules = [f"slackbot/{package}/{name}.py" for name in UNITS[unit]]
    patterns = [
        f"tests/{package}/test_{name}{more}.py" for name in UNITS[unit] for more in ("", "_*")
    ]
    tests = sorted({str(file.relative_to(ROOT)) for each in patterns for file in ROOT.glob(each)})
    filled = CONFIGURATION.replace("{package}", package).replace("{tests}", json.dumps(tests))
    return filled.replace("{modules}", json.dumps(modules))


def report(unit: str, only: Sequence[str]) -> None:
    """Prints how many mutants of a unit were killed, and which survived; of all, or of those whose
    names match a pattern.
    """
    met = {
        name: code
        for name, code in results(unit).items()
        if code is not None and (not only or any(fnmatchcase(name, each) for each in only))
    }
    alive = {name: SURVIVORS[code] for name, code in met.items() if code in SURVIVORS}
    killed = len(met) - len(alive)
    print(f"\n{unit}: {killed} of {len(met)} mutants killed ({killed / len(met):.1%})")
    for name, how in sorted(alive.items()):
        print(f"  {how}: {name}")


def results(unit: str) -> Mapping[str, int | None]:
    """Returns mutmut's exit code by the name of each mutant; None for those that met no test."""
    codes: dict[str, int | None] = {}
    for file in (FOLDERS / unit).glob("mutants/slackbot/**/*.meta"):
        codes |= json.loads(file.read_text(encoding="utf-8"))["exit_code_by_key"]
    return codes


def report_constants(unit: str) -> None:
    """Prints which of a unit's constants could be changed without a test that fails."""
    folder = FOLDERS / "constants"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in (*NEEDED, "pyproject.toml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    package = package_of(unit)
    patterns = [f"slackbot/{package}/{name}.py" for name in UNITS[unit]]
    modules = sorted(file.relative_to(ROOT) for each in patterns for file in ROOT.glob(each))
    for survivor in survivors(folder, modules):
        print(f"  constant: {survivor}")


if __name__ == "__main__":
    main()

"""`poe mutants`: breaks the core in many small ways, and says which breaks no test sees.

mutmut makes the mutants of one package after the other; what the type checker finds needs no test.
Each package has a folder under `.cache/mutants/`, where a run that was stopped goes on, and where
`mutmut show NAME` shows a mutant. The last line is the coverage of the whole by branches.
"""

import argparse
import json
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ROOT / ".cache" / "mutants"

MODULES: Mapping[str, Sequence[str]] = {
    "conversation": ("*",),
    "delivery": (
        "annotations",
        "answer_reader",
        "call_budgets",
        "call_request",
        "call_scheduler",
        "demand",
        "effects",
        "feature_refusals",
        "page",
        "page_composer",
        "rate_budget",
        "rate_limiter",
        "step_plan",
        "step_plans",
        "streaming_mode",
    ),
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
    "llm": ("*",),
    "markdown": ("*",),
    "turns": ("active_turn", "fair_queue", "fair_semaphore", "store_retry", "turn_selection"),
}
"""By package, the modules whose tests need no server."""

NEEDED = ("benchmarks", "examples", "manifest.yml", "slackbot", "tests", "uv.lock")
"""What the tests of a package need of the project."""

CONFIGURATION = """
[tool.mutmut]
source_paths = ["slackbot"]
only_mutate = [{modules}]
do_not_mutate = ["slackbot/llm/openai/*"]
do_not_mutate_patterns = ['logger\\.\\w+\\(', 'assert_never\\(']
also_copy = ["benchmarks", "examples", "manifest.yml"]
type_check_command = [
    "mypy", "slackbot/{package}", "--output=json", "--disable-error-code=unused-ignore"
]
pytest_add_cli_args_test_selection = [{tests}]
pytest_add_cli_args = [
    "-n0", "-ptests.mutants.selection", "--hypothesis-profile=mutants", "--timeout=600"
]
timeout_multiplier = 1.0
"""

SURVIVED = ("survived", "no tests")
SURVIVED_CODES = (0, 33)
"""The same, as mutmut stores it: the exit code of pytest, and its own."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="poe mutants", description=__doc__)
    parser.add_argument(
        "packages", nargs="*", choices=[*MODULES, []], default=[], help="all by default"
    )
    parser.add_argument(
        "--only",
        nargs="*",
        default=(),
        metavar="PATTERN",
        help="mutants by name; '*[37]' is a sample of a fifth",
    )
    parser.add_argument("--no-coverage", action="store_true")
    arguments = parser.parse_args()
    packages = arguments.packages or list(MODULES)
    for package in packages:
        run(package, arguments.only)
    for package in packages:
        report(package)
    if not arguments.no_coverage:
        coverage = ("--cov=slackbot", "--cov-branch", "--cov-report=term:skip-covered")
        subprocess.run(["pytest", *coverage], cwd=ROOT, check=True)


def run(package: str, only: Sequence[str]) -> None:
    """Lets all mutants of a package meet their tests, or those that match a pattern."""
    folder = FOLDERS / package
    folder.mkdir(parents=True, exist_ok=True)
    for name in NEEDED:
        if not (folder / name).exists():
            (folder / name).symlink_to(ROOT / name)
    _forget_survivors(folder)
    modules = ", ".join(f'"slackbot/{package}/{name}.py"' for name in MODULES[package])
    patterns = [f"tests/{package}/test_{name}.py" for name in MODULES[package]]
    files = sorted(str(file.relative_to(ROOT)) for each in patterns for file in ROOT.glob(each))
    tests = ", ".join(f'"{file}"' for file in files)
    configuration = (
        CONFIGURATION.replace("{package}", package)
        .replace("{modules}", modules)
        .replace("{tests}", tests)
    )
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (folder / "pyproject.toml").write_text(project + configuration, encoding="utf-8")
    command = ["nice", "-n15", "mutmut", "run", "--max-children=1", *only]
    subprocess.run(command, cwd=folder, check=True)


def report(package: str) -> None:
    """Prints how many mutants of a package met tests, and which survived."""
    command = ["mutmut", "results", "--all=true"]
    output = subprocess.run(
        command, cwd=FOLDERS / package, check=True, capture_output=True, text=True
    ).stdout
    results = dict(line.strip().rsplit(": ", 1) for line in output.splitlines())
    results = {name: result for name, result in results.items() if result != "not checked"}
    alive = sorted(name for name, result in results.items() if result in SURVIVED)
    killed = len(results) - len(alive)
    print(f"\n{package}: {len(results)} mutants, {killed} killed ({killed / len(results):.1%})")
    print(f"  {dict(Counter(results.values()))}")
    for name in alive:
        print(f"  {name}: {results[name]}")


def _forget_survivors(folder: Path) -> None:
    """Lets the mutants that survived an earlier run meet the tests of today."""
    for file in folder.glob("mutants/slackbot/*/*.meta"):
        results = json.loads(file.read_text(encoding="utf-8"))
        codes = results["exit_code_by_key"]
        codes.update({name: None for name, code in codes.items() if code in SURVIVED_CODES})
        file.write_text(json.dumps(results), encoding="utf-8")


if __name__ == "__main__":
    main()

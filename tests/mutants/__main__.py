"""`poe mutants`: breaks the core in many small ways, and says which breaks no test sees.

mutmut makes the mutants of one package after the other; what the type checker finds needs no test.
Each package has a folder under `.cache/mutants/`, where a run that was stopped goes on, and where
`mutmut show NAME` shows a mutant. The last line is the coverage of the whole by branches.
"""

import argparse
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ROOT / ".cache" / "mutants"

PACKAGES = ("markdown", "conversation", "instructions", "llm", "turns", "delivery")

NEEDED = ("benchmarks", "examples", "manifest.yml", "slackbot", "tests", "uv.lock")
"""What the tests of a package need of the project."""

CONFIGURATION = """
[tool.mutmut]
source_paths = ["slackbot"]
only_mutate = ["slackbot/{package}/*"]
do_not_mutate = ["slackbot/llm/openai/*"]
do_not_mutate_patterns = ['logger\\.\\w+\\(', 'assert_never\\(']
also_copy = ["benchmarks", "examples", "manifest.yml"]
type_check_command = ["mypy", "slackbot", "--output=json", "--disable-error-code=unused-ignore"]
pytest_add_cli_args_test_selection = ["tests/{package}", "--ignore=tests/llm/openai"]
pytest_add_cli_args = [
    "-n0", "-ptests.mutants.selection", "--hypothesis-profile=mutants", "--timeout=600"
]
timeout_multiplier = 3.0
"""

SURVIVED = ("survived", "no tests")


def main() -> None:
    parser = argparse.ArgumentParser(prog="poe mutants", description=__doc__)
    parser.add_argument("packages", nargs="*", default=PACKAGES, help="all if none is named")
    parser.add_argument(
        "--only",
        nargs="*",
        default=(),
        metavar="PATTERN",
        help="mutants by name; '*[37]' is a sample of a fifth",
    )
    parser.add_argument("--no-coverage", action="store_true")
    arguments = parser.parse_args()
    for package in arguments.packages:
        run(package, arguments.only)
    for package in arguments.packages:
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
    configuration = CONFIGURATION.replace("{package}", package)
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


if __name__ == "__main__":
    main()

"""The table of scripted servers in docs/servers.md, made of the tests' profiles of them.

python -m docs.servers
"""

from pathlib import Path

from docs.settings import replaced
from slackbot.llm.openai.texts import sent_instead
from tests.llm.openai.servers.profiles import SERVERS, ServerProfile

PAGE = Path(__file__).parent / "servers.md"

BEGIN, END = "<!-- servers:begin -->", "<!-- servers:end -->"


def table() -> str:
    """A row for each server, in Markdown."""
    rows = [
        "| server | what it gets instead of OpenAI's form | refused requests | reports |",
        "| --- | --- | --- | --- |",
    ]
    return "\n".join([*rows, *map(_row, SERVERS)])


def with_table(page: str) -> str:
    """The page, with the table as it should be between its markers."""
    return replaced(page, BEGIN, END, table())


def _row(profile: ServerProfile) -> str:
    forms = sent_instead(profile.negotiated)
    reports = ", ".join(f"[{n}]({url})" for n, url in enumerate(profile.sources, 1))
    later = f", then {profile.later_refusals} for each question" if profile.later_refusals else ""
    cells = (profile.name, "; ".join(forms), f"{profile.refusals}{later}", reports)
    return f"| {' | '.join(cells)} |".replace("|  |", "| |")


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text("utf-8")), "utf-8")
    print(f"{PAGE.name} has the table of servers")

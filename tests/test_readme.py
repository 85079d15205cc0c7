"""The README tells the truth where a machine can tell."""

import re
from pathlib import Path

import slackbot.config

README = (Path(__file__).parents[1] / "README.md").read_text()


def test_every_setting_is_in_the_table() -> None:
    """Each variable that is read has its row, and each row is a variable that is read."""
    source = Path(slackbot.config.__file__).read_text()
    read = set(re.findall(r'"((?:SLACK|OPENAI|SLACKBOT|DATABASE|LOG|PORT)[A-Z_]*)"', source))
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", README, re.MULTILINE)) == read


def test_two_commands_set_everything_up() -> None:
    """The two commands that a newcomer copies are there once each, and one runs the tests."""
    commands = re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)
    assert len(commands) == 2
    assert commands[0].endswith(" slackbot playground")
    assert commands[1].endswith(" pytest")

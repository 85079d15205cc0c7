"""The table of settings in docs/settings.md, made of the fields in slackbot/config/.

python -m docs.settings
"""

import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from slackbot.config import (
    DEFAULT_MODEL,
    DatabaseSettings,
    EnvironmentSettings,
    ModelSettings,
    OAuthSettings,
    Settings,
    SlackSettings,
)

PAGE = Path(__file__).parent / "settings.md"

BEGIN, END = "<!-- settings:begin -->", "<!-- settings:end -->"

IN_WORDS = {
    "OPENAI_API_KEY": "required for OpenAI",
    "OPENAI_BASE_URL": "OpenAI's own",
    "OPENAI_MODEL": f"`{DEFAULT_MODEL}`",
    "OPENAI_TRANSCRIBE_MODEL": "`gpt-transcribe` at OpenAI's own",
    "SLACKBOT_INSTRUCTIONS": "a helpful assistant",
    "SLACKBOT_ENCRYPTION_KEY": "required with `SLACK_CLIENT_ID`",
    "SLACKBOT_RETENTION_DAYS": "keep",
    "SLACK_BOT_TOKEN": "required for one workspace",
    "SLACK_CLIENT_ID": "one workspace",
    "SLACK_CLIENT_SECRET": "required with `SLACK_CLIENT_ID`",
}
"""Defaults that depend on other settings, or that are too long for the table."""


def table() -> str:
    """A row for each variable, in Markdown."""
    rows = ["| variable | default | meaning |", "| --- | --- | --- |"]
    for variable, field in _fields():
        default = IN_WORDS.get(variable, _default(field))
        rows.append(f"| `{variable}` | {default} | {field.description} |".replace("|  |", "| |"))
    return "\n".join(rows)


def with_table(page: str) -> str:
    """The page, with the table as it should be between its markers."""
    return replaced(page, BEGIN, END, table())


def replaced(page: str, begin: str, end: str, table: str) -> str:
    """The page with a table between two markers, which mark one place. Raises ValueError."""
    marked = re.compile(f"{begin}.*?{end}", re.DOTALL)
    written, count = marked.subn(lambda _: f"{begin}\n{table}\n{end}", page)
    if count != 1:
        raise ValueError(f"The page has {count} tables of settings: mark one place for it.")
    return written


def _fields() -> Iterator[tuple[str, FieldInfo]]:
    seen: set[str] = set()
    classes: tuple[type[EnvironmentSettings], ...] = (
        SlackSettings,
        OAuthSettings,
        ModelSettings,
        DatabaseSettings,
        Settings,
    )
    for each in classes:
        for field in each.model_fields.values():
            variable = field.validation_alias
            if isinstance(variable, str) and variable not in seen:
                seen.add(variable)
                yield variable, field


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    default = field.default
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`" if default else ""


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text("utf-8")), "utf-8")
    print(f"{PAGE.name} has the table of settings")

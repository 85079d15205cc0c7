"""The table of settings in the documentation is the one that the settings make."""

import pytest

from docs.settings import BEGIN, END, PAGE, table, with_table
from slackbot import config


def test_the_table_is_up_to_date() -> None:
    """docs/settings.md has the table as it is generated; `python -m docs.settings` writes it."""
    page = PAGE.read_text("utf-8")
    assert with_table(page) == page, "run `python -m docs.settings`"


def test_a_change_is_noticed() -> None:
    """A table that differs is replaced, and what stands around it stays."""
    page = f"# Settings\n\n{BEGIN}\n| old |\n{END}\n\nThe end, with \\1 in it.\n"
    written = with_table(page)
    assert written == page.replace("| old |", table())
    assert with_table(page.replace("| old |\n", "")) == written


@pytest.mark.parametrize("page", ["# Settings\n", f"{BEGIN}\n{END}\n" * 2])
def test_a_page_without_one_place_for_it(page: str) -> None:
    """The table has one place, or there is an error."""
    with pytest.raises(ValueError, match="tables of settings"):
        with_table(page)


def test_every_setting_says_what_it_is_for() -> None:
    """Each variable has a row with a meaning, and none has two."""
    rows = [row.split(" | ") for row in table().splitlines()[2:]]
    variables = [row[0].strip("| `") for row in rows]
    assert len(variables) == len(set(variables)) > 20
    assert all(row[-1].strip("| ") not in {"", "None"} for row in rows)
    assert variables[0] == "SLACK_BOT_TOKEN"
    settings = (
        config.SlackSettings,
        config.OAuthSettings,
        config.ModelSettings,
        config.Settings,
    )
    aliases = {field.validation_alias for each in settings for field in each.model_fields.values()}
    assert set(variables) == aliases - {None}

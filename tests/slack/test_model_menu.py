"""The menu of models."""

from slackbot.slack.model_menu import (
    INHERIT,
    MAX_OPTION_CHARS,
    MAX_OPTIONS,
    default_option,
    model_option,
    model_options,
)


def labels(names: list[str], query: str = "") -> list[str]:
    return [option["text"]["text"] for option in model_options(names, query, "usual")]


def test_the_default_comes_first() -> None:
    """Without a query the menu begins with the model that is used anyway."""
    assert labels(["a", "b"]) == ["Default (usual)", "a", "b"]
    assert labels(["a", "b"], "a") == ["a", "b"]


def test_slacks_limits() -> None:
    """No more options and no longer labels than Slack takes; a model with a longer name is left
    out, as its name would not fit a value.
    """
    assert len(labels([f"m{number}" for number in range(500)])) == MAX_OPTIONS
    long = "m" * 150
    assert model_option(long).value == long
    assert len(model_option(long).to_dict()["text"]["text"]) == MAX_OPTION_CHARS
    assert labels([long + "m"], "m") == []


def test_no_model_is_taken_for_the_inherited_one() -> None:
    """A server that lists a model of that name does not offer it."""
    assert default_option("usual").value == INHERIT
    assert labels([INHERIT], "-") == []

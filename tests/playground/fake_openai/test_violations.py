import pytest

from slackbot.playground.fake_openai.violations import NAME_PATTERN, invalid


@pytest.mark.parametrize(
    ("name", "matches"),
    [("get_time-2", True), ("a" * 64, True), ("a" * 65, False), ("", False), ("a b", False)],
)
def test_names(name: str, *, matches: bool) -> None:
    """A name has 1 to 64 letters, digits, underscores or hyphens."""
    assert (NAME_PATTERN.match(name) is not None) is matches


def test_invalid_values() -> None:
    """An invalid value is refused with its parameter and the problem."""
    refusal = invalid("tools[0]", "Expected a tool.")
    assert (refusal.status, refusal.param) == (400, "tools[0]")
    assert refusal.message == "Invalid value for 'tools[0]': Expected a tool."

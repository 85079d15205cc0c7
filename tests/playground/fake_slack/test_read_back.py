"""The bot reads its own blocks back in another form."""

import sys

import pytest

from slackbot.playground.fake_slack.read_back import PACKAGES, read_back

BLOCKS = [{"type": "markdown", "text": "# Plan"}]


def test_markdown_is_read_back_in_other_blocks() -> None:
    """A heading comes back as a header, as the translation says."""
    assert [block["type"] for block in read_back(BLOCKS)] == ["header"]


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_without_its_packages_it_stays(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    """As where the terminal is all that was installed."""
    monkeypatch.delitem(
        sys.modules, "slackbot.playground.fake_slack.translated_blocks", raising=False
    )
    monkeypatch.setitem(sys.modules, package, None)
    assert read_back(BLOCKS) == BLOCKS

import pytest

from slackbot.attachments.texts import UNREADABLE

FIGURES = {"megabytes": 300, "megapixels": 400, "limit": 100}


@pytest.mark.parametrize("sentence", UNREADABLE.values(), ids=UNREADABLE)
def test_unreadable(sentence: str) -> None:
    """Each reason names the file, and is complete with the reason's figures."""
    shown = sentence.format(name="a.pdf", **FIGURES)
    assert "“a.pdf”" in shown
    assert shown.endswith(".")
    assert not {"{", "}"} & set(shown)

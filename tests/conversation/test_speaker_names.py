import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slackbot.conversation.ids import UserId
from slackbot.conversation.speaker_names import api_name

USER = UserId("U0A00000012")


@pytest.mark.parametrize(
    ("display", "name"),
    [
        ("Ana", "Ana"),
        ("Jürgen Müller", "Jurgen_Muller"),
        ("王小明", "WangXiaoMing"),
        ("Анна [QA] (Wien)", "Anna_QA_Wien"),
        ("  jean-luc  ", "jean-luc"),
        ("a__b", "a_b"),
        ("Xaver X", "Xaver_X"),
        ("x" * 70, "x" * 64),
        ("x" * 63 + " y", "x" * 63),
    ],
)
def test_readable(display: str, name: str) -> None:
    """A name is spelled in ASCII, and what has no letters becomes one underscore."""
    assert api_name(display, USER, ()) == name


@pytest.mark.parametrize("display", ["", "   ", "___", "(!)", "\u2060"])
def test_nothing_left(display: str) -> None:
    """A person without letters in the name goes by the user ID."""
    assert api_name(display, USER, ()) == USER


def test_namesakes() -> None:
    """Two of the same name are told apart by a number, in whatever case they write it."""
    assert api_name("Ana", USER, {"Ana"}) == "Ana_2"
    assert api_name("ANA", USER, ["ana", "Ana_2"]) == "ANA_3"
    assert api_name("X" * 64, USER, {"x" * 64}) == "X" * 62 + "_2"
    assert api_name("x" * 61 + " yy", USER, {"x" * 61 + "_yy"}) == "x" * 61 + "_2"


@settings(deadline=None)
@given(st.lists(st.text() | st.sampled_from(["Ana", "ana", "a" * 70, "a" * 64 + "b", "Ana 2"])))
def test_any_team(displays: list[str]) -> None:
    """Whatever people are called, the names are distinct and fit OpenAI's pattern."""
    taken: list[str] = []
    for number, display in enumerate(displays):
        taken.append(api_name(display, UserId(f"U{number}"), taken))
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name) for name in taken)
    assert len({name.lower() for name in taken}) == len(displays)

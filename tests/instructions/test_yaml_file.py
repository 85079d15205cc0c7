"""What a file of instructions says, and the first mistake in one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.errors import InstructionsError
from slackbot.instructions.scopes import LIMIT, ScopeSettings
from slackbot.instructions.yaml_file import InstructionsFile, entries_from


def test_entries() -> None:
    """A text alone, or each part by its name; nothing takes back what is set."""
    data = {
        "team": "T012AB3CD",
        "workspace": {"text": " You are kind.\r\n", "prompts": ["What's new? "]},
        "channels": {
            "C012AB3CD": "You are a captain.",
            "C045EF6GH": {"model": "gpt-6.2-sol", "answering": "mentions", "extras": ["speech"]},
            "G00OLD": None,
        },
    }
    assert entries_from(data) == InstructionsFile(
        {
            "": ScopeSettings("You are kind.", prompts=("What's new?",)),
            "C012AB3CD": ScopeSettings("You are a captain."),
            "C045EF6GH": ScopeSettings(
                model="gpt-6.2-sol", answering="mentions", extras=("speech",)
            ),
            "G00OLD": ScopeSettings(),
        },
        "T012AB3CD",
    )


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (None, "the file should be"),
        ([], "the file should be"),
        ({"workspace": False}, "workspace should be"),
        ({"workspace": []}, "workspace should be"),
        ({"channels": {"C012": 0}}, "channels.C012 should be"),
        ({"channels": False}, "channels should be"),
        ({}, "the file should be a list of `workspace` and `channels`"),
        ({"channel": {}}, "the file: channel should be one of team, workspace, channels"),
        ({"workspace": 7}, "workspace should be"),
        ({"workspace": {"txt": "a"}}, "workspace: txt should be one of"),
        ({"workspace": {"text": 7}}, "workspace.text should be a text"),
        ({"workspace": " "}, "workspace.text: There is nothing in it"),
        ({"workspace": "a" * (LIMIT + 1)}, "workspace.text: That would be 12,001 characters"),
        ({"workspace": {"model": ""}}, "workspace.model should be a model's name"),
        ({"workspace": {"answering": "maybe"}}, "workspace.answering should be one of follow-ups"),
        ({"workspace": {"answering": ["mentions"]}}, "workspace.answering should be one of"),
        ({"workspace": {"extras": ["song"]}}, "workspace.extras should be a list of speech"),
        ({"workspace": {"extras": "speech"}}, "workspace.extras should be a list"),
        ({"workspace": {"extras": [[]]}}, "workspace.extras should be a list"),
        ({"workspace": {"prompts": []}}, "workspace.prompts should be a list"),
        ({"workspace": {"prompts": ["a"] * 5}}, "workspace.prompts should be a list"),
        ({"workspace": {"prompts": ["a", " "]}}, "workspace.prompts should be texts"),
        ({"workspace": {"prompts": [7]}}, "workspace.prompts should be texts"),
        ({"workspace": {"prompts": ["a" * 301]}}, "texts of one to 300 characters"),
        ({"channels": {"C012": {"prompts": ["a"]}}}, "channels.C012: prompts should be one of"),
        ({"channels": {"general": "a"}}, "channels.general should be named by its id"),
        ({"channels": {7: "a"}}, "channels.7 should be named by its id"),
        ({"channels": ["C012"]}, "channels should be a list of names"),
        ({"team": "acme", "workspace": "a"}, "team should be an id"),
    ],
)
def test_mistakes(data: Any, sentence: str) -> None:
    """The sentence names the place, and what should stand there."""
    with pytest.raises(InstructionsError) as caught:
        entries_from(data)
    assert sentence in caught.value.user_message


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
)
places = st.sampled_from(["workspace", "channels", "team", "text", "answering", "C012", "prompts"])


@given(st.recursive(json, lambda inner: st.dictionaries(places, inner)))
def test_anything_is_entries_or_one_mistake(data: Any) -> None:
    """Whatever YAML may hold, no other error comes out."""
    try:
        entries = entries_from(data)
    except InstructionsError:
        return
    assert entries.setups

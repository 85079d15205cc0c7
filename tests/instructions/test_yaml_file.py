"""Reading a file of instructions, and the mistakes in one."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.conversation.ids import ChannelId, TeamId
from slackbot.errors import InstructionsError
from slackbot.instructions.limits import MAX_INSTRUCTIONS_CHARS
from slackbot.instructions.settings import ScopeSettings
from slackbot.instructions.yaml_file import InstructionsFile, parse_yaml, read_entries


def test_entries() -> None:
    """An entry is a text or a mapping of the parts, and an empty one removes what is set."""
    data = {
        "team": "T012AB3CD",
        "workspace": {"text": " You are kind.\r\n", "prompts": ["What's new? "]},
        "channels": {
            "C012AB3CD": "You are a captain.",
            "C045EF6GH": {"model": "gpt-6.2-sol", "answering": "mentions", "extras": ["speech"]},
            "G00OLD": None,
        },
    }
    assert read_entries(data) == InstructionsFile(
        {
            ChannelId(""): ScopeSettings("You are kind.", prompts=("What's new?",)),
            ChannelId("C012AB3CD"): ScopeSettings("You are a captain."),
            ChannelId("C045EF6GH"): ScopeSettings(
                model="gpt-6.2-sol", answering="mentions", extras=("speech",)
            ),
            ChannelId("G00OLD"): ScopeSettings(),
        },
        TeamId("T012AB3CD"),
    )


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (None, "the file must be"),
        ([], "the file must be"),
        ({"workspace": False}, "workspace must be"),
        ({"workspace": []}, "workspace must be"),
        ({"channels": {"C012": 0}}, "channels.C012 must be"),
        ({"channels": False}, "channels must be"),
        ({}, "the file must be a mapping with `workspace` or `channels`"),
        ({"channel": {}}, "the file: channel must be one of team, workspace, channels"),
        ({"workspace": 7}, "workspace must be"),
        ({"workspace": {"txt": "a"}}, "workspace: txt must be one of"),
        ({"workspace": {"text": 7}}, "workspace.text must be a text"),
        ({"workspace": " "}, "workspace.text: The instructions are empty"),
        (
            {"workspace": "a" * (MAX_INSTRUCTIONS_CHARS + 1)},
            "workspace.text: The instructions are too long: 12,001 characters",
        ),
        ({"workspace": {"model": ""}}, "workspace.model must be the name of a model"),
        (
            {"workspace": {"answering": "maybe"}},
            "answering must be one of follow-ups, mentions, never.",
        ),
        ({"workspace": {"answering": ["mentions"]}}, "workspace.answering must be one of"),
        ({"workspace": {"extras": ["song"]}}, "workspace.extras must be a list of speech, search."),
        ({"workspace": {"extras": "speech"}}, "workspace.extras must be a list"),
        ({"workspace": {"extras": [[]]}}, "workspace.extras must be a list"),
        ({"workspace": {"prompts": []}}, "workspace.prompts must be a list"),
        ({"workspace": {"prompts": ["a"] * 5}}, "workspace.prompts must be a list"),
        ({"workspace": {"prompts": ["a", " "]}}, "workspace.prompts must be texts"),
        ({"workspace": {"prompts": [7]}}, "workspace.prompts must be texts"),
        ({"workspace": {"prompts": ["a" * 301]}}, "texts of 1 to 300 characters"),
        ({"channels": {"C012": {"prompts": ["a"]}}}, "channels.C012: prompts must be one of"),
        ({"channels": {"general": "a"}}, "channels.general must be a channel ID"),
        ({"channels": {7: "a"}}, "channels.7 must be a channel ID"),
        ({"channels": ["C012"]}, "channels must be a mapping"),
        ({"team": "acme", "workspace": "a"}, "team must be a workspace ID"),
    ],
)
def test_mistakes(data: Any, sentence: str) -> None:
    """The sentence names the place of the mistake, and what it must be."""
    with pytest.raises(InstructionsError) as caught:
        read_entries(data)
    assert sentence in caught.value.user_message


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
)
places = st.sampled_from(["workspace", "channels", "team", "text", "answering", "C012", "prompts"])


@given(st.recursive(json, lambda inner: st.dictionaries(places, inner)))
def test_any_data(data: Any) -> None:
    """Any data is either read or refused with an InstructionsError."""
    try:
        entries = read_entries(data)
    except InstructionsError:
        return
    assert entries.settings


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("workspace: [", "not valid YAML: see line 1."),
        ("[" * 5_000, "not valid YAML."),
        ("workspace: a\x00", "not valid YAML."),
        (
            "# ours\nworkspace: a\nworkspace: b\n",
            "workspace is there twice in the mapping that begins in line 2.",
        ),
        ("workspace: 7", "workspace must be a mapping."),
    ],
)
def test_mistakes_in_yaml(text: str, sentence: str) -> None:
    """The sentence names the line where YAML does."""
    with pytest.raises(InstructionsError) as caught:
        parse_yaml(text)
    assert sentence in caught.value.user_message


def _bomb(line: str) -> str:
    """Lines that each hold the one before nine times; `line` has places for a name and for that."""
    names = "abcdefghijklmnop"
    lines = (
        line.format(name=name, nine=", ".join([f"*{before}"] * 9))
        for before, name in pairwise(names)
    )
    return "\n".join(lines)


@pytest.mark.parametrize(
    "text",
    [
        "- &a [x]\n" + _bomb("- &{name} [{nine}]") + "\n- ? *p\n  : x",
        "a: &a {x: y}\n" + _bomb("{name}: &{name} {{<<: [{nine}]}}"),
        "a: &a [x]\n" + _bomb("{name}: &{name} [{nine}]") + "\nworkspace: *p",
        f"workspace: {'9' * 5_000}",
        "workspace: 2026-99-99",
        "workspace: " + "a" * 10**7,
    ],
    ids=["key", "merge", "value", "digits", "date", "long"],
)
def test_bombs(text: str) -> None:
    """A file that would grow without end, or that the parser itself fails at, is a mistake."""
    with pytest.raises(InstructionsError):
        parse_yaml(text)


def test_aliases() -> None:
    """A text that is written once may be used for several channels, and merged with other parts."""
    text = """
    workspace: &ours {text: Be kind., answering: mentions}
    channels:
      C012AB3CD: *ours
      C045EF6GH: {<<: *ours, text: Be brief.}
    """
    found = parse_yaml(text).settings
    ours = ScopeSettings("Be kind.", answering="mentions")
    assert [*found.values()] == [ours, ours, replace(ours, text="Be brief.")]


def test_yaml() -> None:
    """The text of a file is parsed to the same entries."""
    assert parse_yaml("workspace: Be kind.") == read_entries({"workspace": "Be kind."})


@pytest.mark.parametrize("length", [1, 300])
def test_the_length_of_prompts(length: int) -> None:
    """Four prompts of up to 300 characters each are taken."""
    prompts = [f"{number}" * length for number in range(4)]
    read = read_entries({"workspace": {"prompts": prompts}})
    assert read.settings[ChannelId("")].prompts == tuple(prompts)


@pytest.mark.parametrize("length", [1, 150])
def test_the_length_of_a_models_name(length: int) -> None:
    """Up to 150 characters are taken, as Slack's menus show no more."""
    name = "m" * length
    assert read_entries({"workspace": {"model": name}}).settings[ChannelId("")].model == name
    with pytest.raises(InstructionsError, match=r"workspace\.model must be"):
        read_entries({"workspace": {"model": "m" * 151}})

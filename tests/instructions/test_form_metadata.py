"""What a form carries while it is open."""

import json
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.conversation.ids import ChannelId, TeamId
from slackbot.errors import OutdatedFormError
from slackbot.instructions.form_metadata import FormMetadata, text_digest
from slackbot.instructions.scopes import Scope


@given(st.booleans(), st.integers(0), st.sampled_from(["", "C1", "D0AB"]))
def test_round_trip(workspace: bool, revision: int, channel: str) -> None:  # noqa: FBT001
    """The metadata is read as it was written, and names the scope of the form."""
    metadata = FormMetadata(ChannelId(channel), workspace or not channel, revision, "abc")
    assert FormMetadata.from_json(metadata.to_json()) == metadata
    assert metadata.scope(TeamId("T1")) == Scope(
        TeamId("T1"), ChannelId("" if metadata.workspace else channel)
    )


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3),
)
fields = st.sampled_from(["channel", "workspace", "revision", "text_digest", "version", "more"])


@given(st.text() | st.dictionaries(fields, json_values).map(json.dumps))
def test_any_forgery(text: str) -> None:
    """Any text is either valid metadata, or is refused as another version's."""
    try:
        metadata = FormMetadata.from_json(text)
    except OutdatedFormError:
        return
    values: list[Any] = [
        metadata.channel,
        metadata.workspace,
        metadata.revision,
        metadata.text_digest,
    ]
    assert [type(each) for each in values] == [str, bool, int, str]


def test_shows() -> None:
    """Line breaks and blanks that Slack changes do not make a text another one."""
    metadata = FormMetadata(
        ChannelId("C1"), workspace=False, revision=0, text_digest=text_digest("a\nb")
    )
    assert metadata.shows(" a\r\nb ")
    assert not metadata.shows("a b")


@pytest.mark.parametrize(
    "forged",
    [
        {"workspace": 1},
        {"revision": True},
        {"revision": 1.0},
        {"text_digest": None},
        {"channel": "C1>"},
        {"channel": ""},
        {"version": 1},
    ],
)
def test_each_part_is_checked(forged: dict[str, Any]) -> None:
    """Metadata of which one part can't be the bot's is refused."""
    metadata = FormMetadata(ChannelId("C1"), workspace=False, revision=3, text_digest="abc")
    with pytest.raises(OutdatedFormError):
        FormMetadata.from_json(json.dumps({**asdict(metadata), **forged}))

"""What a form shows and what comes of what was filled in."""

import json
from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.conversation.addressing import Answering
from slackbot.errors import InstructionsError, OutdatedFormError
from slackbot.instructions.form import FIELD, Form, FormMetadata, FormValues, suggested
from slackbot.instructions.scopes import EffectiveSettings, Revision, Scope, ScopeSettings, cleaned

CHANNEL = Scope("T1", "C1")
AROUND = EffectiveSettings("You are kind.", None, "", "follow-ups")

texts = st.text(max_size=50).map("a{}".format)
modes = st.sampled_from(get_args(Answering))
setups = st.builds(ScopeSettings, st.none() | texts, st.none() | texts, st.none() | modes)
around = st.builds(EffectiveSettings, texts, st.none(), st.just(""), modes)


def form(own: ScopeSettings | None = None, held: EffectiveSettings = AROUND) -> Form:
    last = None if own is None else Revision(3, 0, "U1", own)
    return Form(CHANNEL, "C1", last, held, "gpt-6-luna")


def as_shown(shown: Form) -> FormValues:
    return FormValues(shown.text, shown.own.model or "", shown.answering)


@given(setups, around)
def test_a_form_that_is_saved_as_it_was_shown(own: ScopeSettings, held: EffectiveSettings) -> None:
    """Nothing changes: what is inherited goes on to be, and what is set stays set."""
    shown = form(own, held)
    assert shown.setup(as_shown(shown), shown.metadata) == own
    assert (
        form(None, held).setup(as_shown(form(None, held)), form(None, held).metadata)
        == ScopeSettings()
    )


@given(setups, around, texts, modes)
def test_what_is_filled_in_holds(
    own: ScopeSettings, held: EffectiveSettings, text: str, mode: Answering
) -> None:
    """Whatever was shown, what holds then is what was filled in."""
    shown = form(own, held)
    saved = shown.setup(FormValues(text, "m1", mode), shown.metadata)
    assert cleaned(held.text if saved.text is None else saved.text) == cleaned(text)
    assert saved.model == "m1"
    assert (saved.answering or held.answering) == mode


@pytest.mark.parametrize(
    ("own", "held", "chosen", "saved"),
    [
        (None, (), (), None),
        (None, ("speech",), ("speech",), None),
        (None, ("speech",), (), ()),
        (None, (), ("search", "speech"), ("search", "speech")),
        (("speech",), (), ("speech",), ("speech",)),
        (("speech",), (), (), ()),
    ],
)
def test_extras(own: Any, held: Any, chosen: Any, saved: Any) -> None:
    """What holds around the scope anyway is not set for it; what is not offered stays as it is."""
    shown = replace(
        form(ScopeSettings(extras=own), replace(AROUND, extras=held)), offered=("speech", "search")
    )
    form_values = replace(as_shown(shown), extras=chosen)
    assert shown.setup(form_values, shown.metadata).extras == saved
    assert replace(shown, offered=()).setup(form_values, shown.metadata).extras == own


def test_what_is_not_offered_any_more() -> None:
    """Somebody who switches another thing on does not switch it off."""
    shown = replace(form(ScopeSettings(extras=("search",))), offered=("speech",))
    assert shown.setup(as_shown(shown), shown.metadata) == shown.own
    form_values = replace(as_shown(shown), extras=("speech",))
    assert shown.setup(form_values, shown.metadata).extras == ("speech", "search")


def test_a_field_that_was_emptied() -> None:
    """Where it may stay empty the text stays as it is; where not, it is a mistake."""
    long = form(ScopeSettings("x" * (FIELD + 1)))
    assert not long.fits
    assert long.setup(FormValues(None, "", "mentions"), long.metadata).text == long.own.text
    with pytest.raises(InstructionsError, match="nothing in it"):
        form().setup(FormValues(" ", "", "mentions"), form().metadata)


@given(st.booleans(), st.integers(0), st.sampled_from(["", "C1", "D0AB"]))
def test_tickets_come_back(workspace: bool, after: int, channel: str) -> None:  # noqa: FBT001
    """A ticket is read as it was written, and names the scope that the form is for."""
    metadata = FormMetadata(channel, workspace or not channel, after, "abc")
    assert FormMetadata.from_json(metadata.to_json()) == metadata
    assert metadata.scope("T1") == Scope("T1", "" if metadata.workspace else channel)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3),
)
fields = st.sampled_from(["channel", "workspace", "after", "shown", "v", "more"])


@given(st.text() | st.dictionaries(fields, json_values).map(json.dumps))
def test_noise_is_outdated(text: str) -> None:
    """Whatever a ticket may be forged into is one of ours, or of another version."""
    try:
        metadata = FormMetadata.from_json(text)
    except OutdatedFormError:
        return
    values: list[Any] = [metadata.channel, metadata.workspace, metadata.after, metadata.shown]
    assert [type(each) for each in values] == [str, bool, int, str]


@pytest.mark.parametrize(
    ("written", "prompts"),
    [
        (["", " ", "\n"], None),
        (["a ", "", " b"], ("a", "b")),
        (list("abcde"), ("a", "b", "c", "d")),
    ],
)
def test_prompts(written: list[str], prompts: tuple[str, ...] | None) -> None:
    """Empty fields are none, and there are four at the most."""
    assert suggested(written) == prompts

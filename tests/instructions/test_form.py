"""What a form shows, and what becomes of what people fill in."""

from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.conversation.addressing import Answering
from slackbot.conversation.ids import ChannelId, TeamId, UserId
from slackbot.errors import InstructionsError
from slackbot.instructions.form import Form, FormValues, prompts_from
from slackbot.instructions.instruction_text import normalize_text
from slackbot.instructions.limits import MAX_FIELD_CHARS
from slackbot.instructions.revisions import Revision
from slackbot.instructions.scopes import Scope
from slackbot.instructions.settings import EffectiveSettings, ScopeSettings

CHANNEL = Scope(TeamId("T1"), ChannelId("C1"))
INHERITED = EffectiveSettings("You are kind.", None, "", "follow-ups")

texts = st.text(max_size=50).map("a{}".format)
modes = st.sampled_from(get_args(Answering))
own_settings = st.builds(ScopeSettings, st.none() | texts, st.none() | texts, st.none() | modes)
inherited_settings = st.builds(EffectiveSettings, texts, st.none(), st.just(""), modes)


def form(own: ScopeSettings | None = None, inherited: EffectiveSettings = INHERITED) -> Form:
    last = None if own is None else Revision(3, 0, UserId("U1"), own)
    return Form(CHANNEL, ChannelId("C1"), last, inherited, "gpt-6-luna")


def as_shown(shown: Form) -> FormValues:
    return FormValues(shown.text, shown.own_settings.model or "", shown.answering)


@given(own_settings, inherited_settings)
def test_saving_unchanged(own: ScopeSettings, inherited: EffectiveSettings) -> None:
    """Saving a form as it was shown changes nothing: what is inherited stays inherited."""
    shown = form(own, inherited)
    assert shown.new_settings(as_shown(shown), shown.metadata) == own
    shown = form(None, inherited)
    assert shown.new_settings(as_shown(shown), shown.metadata) == ScopeSettings()


@given(own_settings, inherited_settings, texts, modes)
def test_what_is_filled_in_applies(
    own: ScopeSettings, inherited: EffectiveSettings, text: str, mode: Answering
) -> None:
    """Whatever the form showed, what was filled in applies after saving."""
    shown = form(own, inherited)
    saved = shown.new_settings(FormValues(text, "m1", mode), shown.metadata)
    saved_text = inherited.text if saved.text is None else saved.text
    assert normalize_text(saved_text) == normalize_text(text)
    assert saved.model == "m1"
    assert (saved.answering or inherited.answering) == mode


@pytest.mark.parametrize(
    ("own", "inherited", "chosen", "saved"),
    [
        (None, (), (), None),
        (None, ("speech",), ("speech",), None),
        (None, ("speech",), (), ()),
        (None, (), ("search", "speech"), ("search", "speech")),
        (("speech",), (), ("speech",), ("speech",)),
        (("speech",), (), (), ()),
    ],
)
def test_extras(own: Any, inherited: Any, chosen: Any, saved: Any) -> None:
    """An extra that is inherited anyway is not set; one that is not available stays as it is."""
    shown = form(ScopeSettings(extras=own), replace(INHERITED, extras=inherited))
    shown = replace(shown, available_extras=("speech", "search"))
    form_values = replace(as_shown(shown), extras=chosen)
    assert shown.new_settings(form_values, shown.metadata).extras == saved
    assert (
        replace(shown, available_extras=()).new_settings(form_values, shown.metadata).extras == own
    )


def test_an_extra_that_is_no_longer_available() -> None:
    """Switching another extra on does not switch it off."""
    shown = replace(form(ScopeSettings(extras=("search",))), available_extras=("speech",))
    assert shown.new_settings(as_shown(shown), shown.metadata) == shown.own_settings
    form_values = replace(as_shown(shown), extras=("speech",))
    assert shown.new_settings(form_values, shown.metadata).extras == ("speech", "search")


def test_an_empty_field() -> None:
    """An empty field keeps a text that is too long for it; otherwise it is a mistake."""
    long = form(ScopeSettings("x" * (MAX_FIELD_CHARS + 1)))
    assert not long.text_fits
    assert (
        long.new_settings(FormValues(None, "", "mentions"), long.metadata).text
        == long.own_settings.text
    )
    with pytest.raises(InstructionsError, match="are empty"):
        form().new_settings(FormValues(" ", "", "mentions"), form().metadata)


@pytest.mark.parametrize(
    ("fields", "prompts"),
    [
        (["", " ", "\n"], None),
        (["a ", "", " b"], ("a", "b")),
        (list("abcde"), ("a", "b", "c", "d")),
    ],
)
def test_prompts_from(fields: list[str], prompts: tuple[str, ...] | None) -> None:
    """Empty fields are left out, and four prompts are kept at most."""
    assert prompts_from(fields) == prompts


def test_values_with_another_text() -> None:
    """A form's values with another text are those that it shows, but for the text."""
    own = ScopeSettings("one", "m1", "mentions", extras=("speech",))
    assert form(own).values("two") == FormValues("two", "m1", "mentions", ("speech",))
    assert form().values(None) == FormValues(None, "", "follow-ups")

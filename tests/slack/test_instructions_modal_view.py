"""The form for instructions: what it shows for which settings."""

from dataclasses import replace

import pytest

from slackbot.conversation.ids import ChannelId, TeamId, UserId
from slackbot.instructions.form import Form, FormValues
from slackbot.instructions.limits import MAX_FIELD_CHARS
from slackbot.instructions.revisions import Revision
from slackbot.instructions.scopes import Scope
from slackbot.instructions.settings import EffectiveSettings, ScopeSettings
from slackbot.playground.json_types import Json
from slackbot.slack import texts
from slackbot.slack.instructions_modal_view import MAX_ANSWER_CHARS, form_view, initial_input
from slackbot.slack.modal_state import InstructionsInput
from tests.instructions_harness import field, fields, view_text

CHANNEL, WORKSPACE = Scope(TeamId("T1"), ChannelId("C1")), Scope(TeamId("T1"))
DEFAULT = EffectiveSettings("You are a pirate.")
OWN = Revision(1, 1_700_000_000, UserId("U1"), ScopeSettings(text="You are a poet."))


def form(revision: Revision | None = None, inherited: EffectiveSettings = DEFAULT) -> Form:
    return Form(CHANNEL, ChannelId("C1"), revision, inherited, "stand-in")


def shown(form: Form, filled: InstructionsInput | None = None, answer: str = "") -> Json:
    return form_view(form, filled, answer=answer).to_dict()


@pytest.mark.parametrize(
    ("opened", "where", "sentence"),
    [
        (form(), "<#C1>", texts.DEFAULT_INSTRUCTIONS),
        (form(OWN), "<#C1>", texts.OWN_INSTRUCTIONS),
        (
            form(inherited=replace(DEFAULT, source=WORKSPACE)),
            "<#C1>",
            texts.WORKSPACE_INSTRUCTIONS_USED,
        ),
        (
            replace(form(), scope=WORKSPACE, channel=ChannelId("")),
            texts.WHOLE_WORKSPACE,
            texts.DEFAULT_INSTRUCTIONS,
        ),
    ],
    ids=["default", "own", "workspace's", "workspace"],
)
def test_where_the_instructions_come_from(opened: Form, where: str, sentence: str) -> None:
    """The form says whose instructions apply."""
    assert view_text(shown(opened)).startswith(sentence.format(where=where))


def test_a_new_form() -> None:
    """It shows what applies, and offers only what there is to choose."""
    view = shown(form(OWN))
    assert field(view, "text")["initial_value"] == "You are a poet."
    assert field(view, "model")["initial_option"]["text"]["text"] == "Default (stand-in)"
    assert fields(view) == {"text", "file", "model", "answering", "note", "question", "try"}
    switching = replace(form(OWN), can_switch_scope=True, available_extras=("search",))
    assert fields(shown(switching)) - fields(view) == {"scope", "extras"}


def test_what_was_filled_in_stays() -> None:
    """Shown again, the form has the values, the question and the metadata of before."""
    opened = form(OWN)
    values = FormValues("Mine.", "gpt-6", "never")
    view = shown(opened, InstructionsInput(form().metadata, values, "A line?"), "Roses.")
    assert field(view, "text")["initial_value"] == "Mine."
    assert field(view, "model")["initial_option"]["value"] == "gpt-6"
    assert field(view, "answering")["initial_option"]["value"] == "never"
    assert field(view, "question")["initial_value"] == "A line?"
    assert view["private_metadata"] == form().metadata.to_json() != opened.metadata.to_json()
    assert view_text(view).endswith("Roses.")


def test_a_text_that_no_field_holds() -> None:
    """It stands above an empty field, which may stay empty."""
    settings = ScopeSettings(text="x" * (MAX_FIELD_CHARS + 1))
    view = shown(form(replace(OWN, settings=settings)))
    assert "initial_value" not in field(view, "text")
    assert "3,001 characters" in view_text(view)
    assert initial_input(form(replace(OWN, settings=settings))).values.text is None


def test_a_long_answer_is_cut() -> None:
    """Slack takes no modal of any length."""
    text = view_text(shown(form(), answer="&" * 20_000))
    assert text.count("&") == MAX_ANSWER_CHARS - 1
    assert text.endswith("…")

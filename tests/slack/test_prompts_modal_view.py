"""The form for suggested prompts."""

from slackbot.conversation.ids import ChannelId, TeamId, UserId
from slackbot.instructions.form import Form
from slackbot.instructions.limits import MAX_PROMPTS
from slackbot.instructions.revisions import Revision
from slackbot.instructions.scopes import Scope
from slackbot.instructions.settings import EffectiveSettings, ScopeSettings
from slackbot.playground.json_types import Json
from slackbot.slack.modal_state import PromptsInput
from slackbot.slack.prompts_modal_view import prompts_view
from tests.instructions_harness import field, view_text

REVISION = Revision(1, 1_700_000_000, UserId("U1"), ScopeSettings(prompts=("One?", "Two?")))
FORM = Form(
    Scope(TeamId("T1")), ChannelId(""), REVISION, EffectiveSettings("You are a pirate."), "stand-in"
)


def prompts(view: Json) -> list[str]:
    numbers = range(1, MAX_PROMPTS + 1)
    return [field(view, f"prompt_{number}").get("initial_value", "") for number in numbers]


def test_a_new_form() -> None:
    """It has a field for each prompt that Slack shows, and those that are set stand in them."""
    assert prompts(prompts_view(FORM).to_dict()) == ["One?", "Two?", "", ""]


def test_what_was_filled_in_stays() -> None:
    """Shown again with a warning, the form has the fields of before."""
    filled = PromptsInput(FORM.metadata, ["", "Mine?", "", ""])
    view = prompts_view(FORM, filled, warning="Oh.").to_dict()
    assert prompts(view) == ["", "Mine?", "", ""]
    assert view_text(view).startswith(":warning: Oh.")

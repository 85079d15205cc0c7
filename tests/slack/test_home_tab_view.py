"""The Home tab: what admins and others see of an overview."""

from dataclasses import replace

from slackbot.conversation.ids import ChannelId, TeamId, UserId
from slackbot.instructions.overview import Overview
from slackbot.instructions.revisions import ChangeRecord, Revision
from slackbot.instructions.scopes import Scope
from slackbot.instructions.settings import NO_SETTINGS, EffectiveSettings, ScopeSettings
from slackbot.playground.fake_slack.messages import elements
from slackbot.playground.json_types import Json
from slackbot.slack import texts
from slackbot.slack.home_tab_view import EDIT, EDIT_PROMPTS, MAX_CHANNELS, WORKSPACE, home_view
from tests.instructions_harness import view_text

CAPTAIN = Revision(1, 1_700_000_000, UserId("U1"), ScopeSettings(text="You are a captain."))
PROMPTS = Revision(2, 1_700_000_000, UserId("U1"), ScopeSettings(prompts=("What's new?",)))
OVERVIEW = Overview(
    workspace=EffectiveSettings("You are a pirate."),
    last_revision=PROMPTS,
    channels=[(ChannelId("C1"), CAPTAIN)],
    change_records=[ChangeRecord(Scope(TeamId("T1"), ChannelId("C1")), CAPTAIN, NO_SETTINGS)],
)


def home(overview: Overview, *, may_edit: bool) -> Json:
    return home_view(overview, "assistant", may_edit=may_edit).to_dict()


def buttons(view: Json) -> list[tuple[str, str]]:
    return [(each["action_id"], each["value"]) for _, each in elements(view["blocks"])]


def test_an_admin() -> None:
    """Sees what is set everywhere, with a button for each scope and for the prompts."""
    view = home(OVERVIEW, may_edit=True)
    assert buttons(view) == [(EDIT, WORKSPACE), (EDIT, "C1"), (EDIT_PROMPTS, "prompts")]
    for text in ("You are a pirate.", "You are a captain.", "What's new?", "<@U1>"):
        assert text in view_text(view)


def test_others() -> None:
    """See that a channel has its own settings, but not which, and nothing to press."""
    view = home(OVERVIEW, may_edit=False)
    assert buttons(view) == []
    assert "<#C1>" in view_text(view)
    assert "captain" not in view_text(view)


def test_many_channels() -> None:
    """Those that do not fit are counted."""
    channels = [(ChannelId(f"C{number}"), CAPTAIN) for number in range(MAX_CHANNELS + 1_000)]
    view = home(replace(OVERVIEW, channels=channels), may_edit=True)
    assert texts.MORE_CHANNELS.format(number=1_000) in view_text(view)
    assert "1,000" in view_text(view)


def test_nothing_is_set() -> None:
    """Then the tab shows the default instructions and how to ask, and no empty parts."""
    empty = Overview(EffectiveSettings("You are a pirate."), None, [], [])
    text = view_text(home(empty, may_edit=False))
    assert text.startswith(texts.HOW_TO_ASK_TITLE)
    assert texts.CHANNELS_TITLE not in text
    assert texts.RECENT_CHANGES not in text

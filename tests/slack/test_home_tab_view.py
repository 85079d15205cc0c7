"""The Home tab: what admins and others see of an overview."""

from dataclasses import replace

import pytest

from slackbot.conversation.ids import ChannelId, TeamId, UserId
from slackbot.conversation.roles import Role
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


def home(overview: Overview, role: Role) -> Json:
    return home_view(overview, "assistant", role).to_dict()


def buttons(view: Json) -> list[tuple[str, str]]:
    return [(each["action_id"], each["value"]) for _, each in elements(view["blocks"])]


def test_an_admin() -> None:
    """Sees what is set everywhere, with a button for each scope and for the prompts."""
    view = home(OVERVIEW, Role.ADMIN)
    assert buttons(view) == [(EDIT, WORKSPACE), (EDIT, "C1"), (EDIT_PROMPTS, "prompts")]
    for text in ("You are a pirate.", "You are a captain.", "What's new?", "<@U1>"):
        assert text in view_text(view)


@pytest.mark.parametrize("role", [Role.OUTSIDER, Role.GUEST])
def test_people_who_are_not_members(role: Role) -> None:
    """See how to ask, and nothing else."""
    text = view_text(home(OVERVIEW, role))
    assert text.startswith(texts.HOW_TO_ASK_TITLE)
    for hidden in ("pirate", "captain", "C1", "U1", texts.INSTRUCTIONS):
        assert hidden not in text


def test_some_channels() -> None:
    """Nothing is left of the other channels, neither what is set there nor who changed it."""
    assert "C1" in view_text(home(OVERVIEW.within({ChannelId("C1")}), Role.MEMBER))
    without = view_text(home(OVERVIEW.within(()), Role.MEMBER))
    assert "C1" not in without
    assert "You are a pirate." in without


def test_members() -> None:
    """See that a channel has its own settings, but not which, and nothing to press."""
    view = home(OVERVIEW, Role.MEMBER)
    assert buttons(view) == []
    assert "<#C1>" in view_text(view)
    assert "captain" not in view_text(view)


def test_many_channels() -> None:
    """Those that do not fit are counted."""
    channels = [(ChannelId(f"C{number}"), CAPTAIN) for number in range(MAX_CHANNELS + 1_000)]
    view = home(replace(OVERVIEW, channels=channels), Role.ADMIN)
    assert texts.MORE_CHANNELS.format(number=1_000) in view_text(view)
    assert "1,000" in view_text(view)


def test_nothing_is_set() -> None:
    """Then the tab shows the default instructions and how to ask, and no empty parts."""
    empty = Overview(EffectiveSettings("You are a pirate."), None, [], [])
    text = view_text(home(empty, Role.MEMBER))
    assert text.startswith(texts.HOW_TO_ASK_TITLE)
    assert texts.CHANNELS_TITLE not in text
    assert texts.RECENT_CHANGES not in text

"""Which settings apply in a scope."""

from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from slackbot.conversation.addressing import Answering
from slackbot.conversation.ids import ChannelId, TeamId, Ts
from slackbot.instructions.scopes import Scope
from slackbot.instructions.settings import (
    NO_SETTINGS,
    EffectiveSettings,
    ScopeSettings,
    UnreadableSettings,
    effective_settings,
    unreadable_settings,
)

WORKSPACE, CHANNEL, THREAD = (
    Scope(TeamId("T1")),
    Scope(TeamId("T1"), ChannelId("C1")),
    Scope(TeamId("T1"), ChannelId("C1"), Ts("1.0")),
)

settings = st.builds(
    ScopeSettings,
    st.none() | st.text(),
    st.none() | st.text(min_size=1),
    st.none() | st.sampled_from(get_args(Answering)),
    st.none(),
    st.none() | st.just(("speech",)) | st.just(()),
)


@given(settings, settings, settings, st.text())
def test_the_narrowest_scope_wins(
    thread: ScopeSettings, channel: ScopeSettings, workspace: ScopeSettings, default_text: str
) -> None:
    """Each part by itself comes from the narrowest scope that sets it."""
    effective = effective_settings(
        [(THREAD, thread), (CHANNEL, channel), (WORKSPACE, workspace)], default_text
    )
    defaults = {"text": default_text, "model": "", "answering": "follow-ups", "extras": ()}
    for part, default in defaults.items():
        values = [getattr(each, part) for each in (thread, channel, workspace)]
        expected = next((each for each in values if each is not None), default)
        assert getattr(effective, part) == expected


@given(settings, settings, settings, st.text())
def test_the_source_of_the_text(
    thread: ScopeSettings, channel: ScopeSettings, workspace: ScopeSettings, default_text: str
) -> None:
    """The source is the scope whose text applies; there is none for the default text."""
    scopes = [(THREAD, thread), (CHANNEL, channel), (WORKSPACE, workspace)]
    source = effective_settings(scopes, default_text).source
    with_text = [scope for scope, each in scopes if each.text is not None]
    assert source == (with_text[0] if with_text else None)


def test_settings_that_can_not_be_read() -> None:
    """Only mentions are answered, as anything else may have been forbidden."""
    unreadable = UnreadableSettings(CHANNEL, 3)
    assert unreadable_settings(unreadable, "default") == EffectiveSettings(
        "default", answering="mentions", unreadable=unreadable
    )


def test_defaults() -> None:
    """If no scope sets anything, what the bot was started with applies."""
    assert effective_settings([], "default") == EffectiveSettings("default")
    assert effective_settings([(CHANNEL, NO_SETTINGS)], "default") == EffectiveSettings("default")

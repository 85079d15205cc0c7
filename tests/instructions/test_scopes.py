"""The rules of instructions: scopes, editions, what may stand in them, who may change them."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.conversation.addressing import Answering
from slackbot.errors import InstructionsError
from slackbot.instructions.permissions import Member, may_appoint, may_change
from slackbot.instructions.scopes import (
    LIMIT,
    NOTHING,
    EffectiveSettings,
    Revision,
    Scope,
    ScopeSettings,
    effective_settings,
    settings_at,
    undone,
    written,
)

WORKSPACE, CHANNEL, THREAD = Scope("T1"), Scope("T1", "C1"), Scope("T1", "C1", "1.0")


def revision(number: int, text: str | None, restores: int | None = None) -> Revision:
    return Revision(number, 0, "U1", ScopeSettings(text), restores)


def test_scopes_lie_in_each_other() -> None:
    """Around a thread is its channel, around that the workspace, around that nothing."""
    assert THREAD.wider == CHANNEL
    assert CHANNEL.wider == WORKSPACE
    assert WORKSPACE.wider is None


parts = st.builds(
    ScopeSettings,
    st.none() | st.text(),
    st.none() | st.text(min_size=1),
    st.none() | st.sampled_from(get_args(Answering)),
    st.none(),
    st.none() | st.just(("speech",)) | st.just(()),
)


@given(parts, parts, parts, st.text())
def test_the_narrowest_holds(
    thread: ScopeSettings, channel: ScopeSettings, workspace: ScopeSettings, default: str
) -> None:
    """Each part by itself is that of the narrowest scope that sets it."""
    held = effective_settings(
        [(THREAD, thread), (CHANNEL, channel), (WORKSPACE, workspace)], default
    )
    usual = {"text": default, "model": "", "answering": "follow-ups", "extras": ()}
    for part, otherwise in usual.items():
        sets = [getattr(setup, part) for setup in (thread, channel, workspace)]
        assert getattr(held, part) == next((each for each in sets if each is not None), otherwise)
    sources = {thread.text: THREAD, channel.text: CHANNEL, workspace.text: WORKSPACE}
    assert held.source is None or sources[held.text].team == held.source.team
    assert (held.source is None) == ({thread.text, channel.text, workspace.text} == {None})


def test_nothing_set_leaves_what_the_bot_was_started_with() -> None:
    """No scope at all, or none that sets anything."""
    assert effective_settings([], "usual") == EffectiveSettings("usual")
    assert effective_settings([(CHANNEL, NOTHING)], "usual") == EffectiveSettings("usual")


@pytest.mark.parametrize("nothing", ["", " \n\t ", "\x00\x1b", "\u200b \u2060", "\u202e"])
def test_nothing_is_no_instructions(nothing: str) -> None:
    """Empty text, and blanks, control and invisible characters alone are refused."""
    with pytest.raises(InstructionsError, match="nothing in it"):
        written(nothing)


def test_control_characters_are_left_out() -> None:
    """Lines and tabs stay; what no keyboard writes goes."""
    assert written(" a\r\nb\tc\x00\x1b[1m\rd\u200b ") == "a\nb\tc[1m\nd\u200b"
    assert written("half a pair: \ud800") == "half a pair: \ufffd"


@given(st.integers(0, LIMIT + 5), st.integers(0, 20))
def test_the_limit(length: int, before: int) -> None:
    """So much may be set or added, and a character more is refused with the numbers."""
    whole = length + (before + 1 if before else 0)
    if length == 0:
        return
    if whole <= LIMIT:
        assert len(written("x" * length, "y" * before)) == whole
    else:
        with pytest.raises(InstructionsError, match=f"{whole:,} characters.*12,000 at most"):
            written("x" * length, "y" * before)


def test_a_number_that_is_not_there() -> None:
    """Only what was once said can be said again; the sentence tells what there is."""
    with pytest.raises(InstructionsError, match="no number 3: there are 1 to 2"):
        settings_at([revision(1, "a"), revision(2, "b")], 3)
    with pytest.raises(InstructionsError, match="nothing was set here yet"):
        settings_at([], 1)


@given(st.lists(st.none() | st.integers(0, 99), max_size=20))
def test_undo_leads_back_to_the_beginning(happenings: list[int | None]) -> None:
    """Texts are set (a number) and undone (None): what holds is what a stack of them would say."""
    history: list[Revision] = []
    stack: list[str] = []
    for happening in happenings:
        number = len(history) + 1
        if happening is not None:
            stack.append(f"{number}: {happening}")
            history.append(revision(number, stack[-1]))
        elif stack:
            stack.pop()
            again = undone(history)
            history.append(revision(number, settings_at(history, again).text, again))
        else:
            with pytest.raises(InstructionsError, match="nothing to undo"):
                undone(history)
        now = settings_at(history, len(history))
        assert now == ScopeSettings(stack[-1] if stack else None)


ADMIN, MEMBER = Member("UA", admin=True), Member("UM")
OUTSIDER = Member("UO", outsider=True)


@pytest.mark.parametrize(
    ("member", "scope", "named", "may"),
    [
        (ADMIN, WORKSPACE, "", True),
        (ADMIN, CHANNEL, "", True),
        (ADMIN, THREAD, "", True),
        (MEMBER, WORKSPACE, "", False),
        (MEMBER, CHANNEL, "", False),
        (MEMBER, THREAD, "", False),
        (MEMBER, WORKSPACE, "admin", True),
        (MEMBER, CHANNEL, "admin", True),
        (MEMBER, CHANNEL, "allowed", True),
        (MEMBER, WORKSPACE, "allowed", False),
        (MEMBER, THREAD, "starter", True),
        (MEMBER, CHANNEL, "starter", False),
        (OUTSIDER, CHANNEL, "allowed", False),
        (OUTSIDER, CHANNEL, "admin", False),
        (OUTSIDER, THREAD, "starter", False),
    ],
)
def test_who_may(member: Member, scope: Scope, named: str, *, may: bool) -> None:
    """Admins may everywhere, whom they named in the channel, who began it in a thread, outsiders
    never.
    """
    admins = {member.user} if named == "admin" else set()
    allowed = {member.user} if named == "allowed" else set()
    starter = member.user if named == "starter" else "someone else"
    assert may_change(member, scope, admins=admins, allowed=allowed, starter=starter) == may


def test_who_may_name_others() -> None:
    """Admins, and nobody whom they have named for a channel."""
    assert may_appoint(ADMIN, admins=())
    assert may_appoint(MEMBER, admins={"UM"})
    assert not may_appoint(MEMBER, admins=())
    assert not may_appoint(OUTSIDER, admins={"UO"})

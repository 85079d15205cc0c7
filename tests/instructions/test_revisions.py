"""The history of a scope's settings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.conversation.ids import UserId
from slackbot.errors import InstructionsError
from slackbot.instructions.revisions import Revision, settings_at, undo_target
from slackbot.instructions.settings import ScopeSettings


def revision(number: int, text: str | None, restores: int | None = None) -> Revision:
    return Revision(number, 0, UserId("U1"), ScopeSettings(text), restores)


def test_an_unknown_number() -> None:
    """A number that does not exist is refused with a sentence that says which ones do."""
    with pytest.raises(InstructionsError, match=r"no version 3\. Choose one from 1 to 2"):
        settings_at([revision(1, "a"), revision(2, "b")], 3)
    with pytest.raises(InstructionsError, match="nothing has been set here yet"):
        settings_at([], 1)


@given(st.lists(st.none() | st.integers(0, 99), max_size=20))
def test_undo_leads_back_to_the_beginning(events: list[int | None]) -> None:
    """After any sequence of changes (a number) and undos (None), the settings are those on top of
    a stack of the changes.
    """
    history: list[Revision] = []
    stack: list[str] = []
    for event in events:
        number = len(history) + 1
        if event is not None:
            stack.append(f"{number}: {event}")
            history.append(revision(number, stack[-1]))
        elif stack:
            stack.pop()
            target = undo_target(history)
            history.append(revision(number, settings_at(history, target).text, target))
        else:
            with pytest.raises(InstructionsError, match="nothing to undo"):
                undo_target(history)
        current = settings_at(history, len(history))
        assert current == ScopeSettings(stack[-1] if stack else None)

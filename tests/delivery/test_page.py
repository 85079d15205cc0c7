"""What one message of a reply should show."""

from slackbot.conversation.controls import Confirm
from slackbot.delivery.page import Page


def test_a_growing_page_shows_finished_markdown() -> None:
    """What is open at its end is closed, and the status line stands below it."""
    page = Page("Look at **this", closed=False, status_line="_searching…_")
    assert page.visible == "Look at **this**\n\n_searching…_"
    assert Page("", closed=False, status_line="_searching…_").visible == "_searching…_"


def test_a_closed_page_shows_its_text() -> None:
    """The text of a page that grows no more is shown as it is."""
    assert Page("Look at **this", closed=True).visible == "Look at **this"


def test_a_stream_gets_what_can_stay() -> None:
    """The beginning of a mention is kept back, as sent text can't be changed."""
    assert Page("Hey @chan", closed=False).streamable == "Hey"
    assert "@channel" not in Page("Hey @channel", closed=True).streamable


def test_the_session_goes_on_in_the_next_message() -> None:
    """A full page without buttons is followed by another; the last page ends the session."""
    assert Page("full", closed=True).session_status == "processing"
    assert Page("last", closed=True, controls="finished").session_status == "active"
    assert Page("may it?", closed=False, controls=Confirm("call-1")).session_status == "active"


def test_an_approval_needs_buttons() -> None:
    """Only a question about a tool call asks a person for approval."""
    assert Page("may it?", closed=False, controls=Confirm("call-1")).asks_approval
    assert not Page("text", closed=False, controls="stop").asks_approval

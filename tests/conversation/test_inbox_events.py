"""The identities of events: equal for redeliveries, different for anything else."""

from dataclasses import replace

from slackbot.conversation.attachment import Attachment
from slackbot.conversation.controls import Press
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.inbox_events import (
    ButtonPressed,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    StopRequested,
)
from slackbot.conversation.messages import Message, ThreadKey

U1 = UserId("U1")

THREAD = ThreadKey(TeamId("T1"), ChannelId("C1"), Ts("1.0"))
MESSAGE = Message(THREAD, Ts("2.0"), U1, "hello")


def test_each_kind_has_its_own_identity() -> None:
    """A message, its edit and its deletion differ, and so do a press of a button and a stop."""
    events = (
        MessageReceived(MESSAGE),
        MessageEdited(replace(MESSAGE, edited_ts=Ts("3.0")), MESSAGE),
        MessageDeleted(THREAD, MESSAGE.ts, MESSAGE),
        ButtonPressed(Press(THREAD, Ts("4.0"), U1, "stop")),
        StopRequested(THREAD, U1, Ts("5.0")),
    )
    assert len({event.identity for event in events}) == len(events)
    assert {event.thread for event in events} == {THREAD}


def test_files_that_come_later_are_another_event() -> None:
    """Slack may deliver a mention again with its files: that is no redelivery."""
    with_files = replace(MESSAGE, files=(Attachment("F1"),))
    assert MessageReceived(MESSAGE).identity != MessageReceived(with_files).identity


def test_an_edit_is_identified_by_its_time() -> None:
    """Two edits differ in their time; a redelivered one is the same."""
    first, second = (replace(MESSAGE, edited_ts=Ts(ts)) for ts in ("3.0", "4.0"))
    assert MessageEdited(first, MESSAGE).identity != MessageEdited(second, first).identity
    assert MessageEdited(first, MESSAGE).identity == MessageEdited(first, second).identity


def test_an_edit_without_a_time_is_identified_by_its_content() -> None:
    """Slack gives no time for an unfurled link, and text may hold half of a surrogate pair."""
    broken = replace(MESSAGE, markup="\ud83d")
    assert MessageEdited(broken, MESSAGE).identity != MessageEdited(MESSAGE, broken).identity
    assert MessageEdited(broken, MESSAGE).identity == MessageEdited(broken, broken).identity


def test_two_presses_of_one_person_differ() -> None:
    """A person may regenerate an answer twice: Slack's time of the press tells them apart."""
    first, second = (
        Press(THREAD, Ts("4.0"), U1, "again", action_ts=Ts(ts)) for ts in ("5.0", "6.0")
    )
    assert ButtonPressed(first).identity != ButtonPressed(second).identity

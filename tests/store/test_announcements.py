"""What a process announces is what the others are told."""

import pytest

from slackbot.conversation.ids import ChannelId, TeamId, Ts
from slackbot.conversation.messages import ThreadKey
from slackbot.store.announcements import (
    Announcement,
    NewEvent,
    NewSettings,
    NewWorkspaces,
    payload_of,
    tell,
)

THREAD = ThreadKey(TeamId("T1"), ChannelId("C1"), Ts("1.000100"))


class Record:
    """Keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def on_thread(self, thread: ThreadKey, store: str) -> None:
        self.told.append((NewEvent(thread), store))

    def on_settings(self, team: TeamId, store: str) -> None:
        self.told.append((NewSettings(team), store))

    def on_workspaces(self) -> None:
        self.told.append(NewWorkspaces())

    def on_gap(self) -> None:
        self.told.append("gap")


@pytest.mark.parametrize(
    ("announcement", "told"),
    [
        (NewEvent(THREAD), (NewEvent(THREAD), "store")),
        (NewSettings(TeamId("T1")), (NewSettings(TeamId("T1")), "store")),
        (NewWorkspaces(), NewWorkspaces()),
    ],
)
def test_an_announcement_arrives_as_it_was_made(announcement: Announcement, told: object) -> None:
    """With the process that made it, where that knows already."""
    record = Record()
    tell(record, payload_of(announcement, "store"))
    assert record.told == [told]


@pytest.mark.parametrize("payload", ["", "x", "[" * 5000, "null", '{"thread": ["T1"]}', "{}"])
def test_what_others_send_is_left_out(payload: str) -> None:
    """Anybody may use the channel."""
    record = Record()
    tell(record, payload)
    assert record.told == []

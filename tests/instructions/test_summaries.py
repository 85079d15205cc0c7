"""How settings and their history are described to people."""

import time

import pytest

from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.instructions import summaries, texts
from slackbot.instructions.revisions import ChangeRecord, Revision
from slackbot.instructions.scopes import Scope
from slackbot.instructions.settings import EffectiveSettings, ScopeSettings

T1 = TeamId("T1")

CHANNEL = Scope(T1, ChannelId("C1"))


def revision(number: int, settings: ScopeSettings, restores: int | None = None) -> Revision:
    return Revision(number, 0, UserId("U1"), settings, restores)


def test_current_settings() -> None:
    """The text comes last and escaped; where it is set and the other parts come before it."""
    settings = EffectiveSettings("Be <kind>.", Scope(T1), "m1", "mentions", ("speech", "search"))
    assert summaries.current_settings(CHANNEL, settings) == (
        "*Instructions for this channel* (set for the whole workspace)\n"
        "Replies to: mentions only · Model: `m1` · Extras: spoken answers, web search\n"
        ">>> Be &lt;kind&gt;."
    )
    default = summaries.current_settings(CHANNEL, EffectiveSettings("Be kind."))
    assert "(the bot's default)" in default


def test_saved() -> None:
    """Each part that changed has a line with its new and its old value."""
    before = ScopeSettings("one", "m1")
    after = ScopeSettings("two", answering="never", prompts=("a", "b"), extras=())
    assert summaries.saved(CHANNEL, before, revision(3, after)).splitlines() == [
        "Saved version 3 for this channel. Use `undo` to go back.",
        "• Instructions: two (before: one)",
        "• Model: not set (before: `m1`)",
        "• Replies to: nothing (switched off)",
        "• Extras: none",
        "• Suggested prompts: a · b",
    ]


def test_saved_after_a_version_that_can_not_be_read() -> None:
    """All that is set now is listed, and the person is asked to check the rest."""
    lines = summaries.saved(CHANNEL, None, revision(3, ScopeSettings("two"))).splitlines()
    assert lines[1:] == ["• Instructions: two", f"• {texts.REPLACED_UNREADABLE}"]


def test_history_list() -> None:
    """Versions are listed newest first, by their first line, up to twenty of them."""
    history = [
        revision(1, ScopeSettings("one\nmore")),
        revision(2, ScopeSettings(model="m1")),
        revision(3, ScopeSettings(model="m1")),
        revision(4, ScopeSettings("one\nmore"), restores=1),
    ]
    title, *lines = summaries.history_list(CHANNEL, history).splitlines()
    assert title == "Versions for this channel, newest first:"
    assert [line.partition(" by <@U1>: ")[2] for line in lines] == [
        "one; Model: not set (restores version 1)",
        "no changes",
        "Instructions: not set; Model: `m1`",
        "one",
    ]
    long = [revision(number, ScopeSettings(str(number))) for number in range(1, 31)]
    assert len(summaries.history_list(CHANNEL, long).splitlines()) == 1 + 20
    assert summaries.history_list(CHANNEL, []) == "Nothing has been set for this channel yet."


def test_change_line() -> None:
    """A change that is private does not say what was set."""
    change = ChangeRecord(Scope(T1, ChannelId("C1"), Ts("1.0")), revision(1, ScopeSettings("one")))
    line = summaries.change_line(change, private=False)
    assert line.endswith("by <@U1> in a thread in <#C1>: one")
    assert summaries.change_line(change, private=True) == line.removesuffix(": one")
    before, after = ScopeSettings("one", "m1"), ScopeSettings("one", "m2")
    line = summaries.change_line(ChangeRecord(CHANNEL, revision(2, after), before), private=False)
    assert line.endswith(" in <#C1>: Model: `m2`")
    imported = ChangeRecord(Scope(T1), Revision(1, 0, UserId("")))
    line = summaries.change_line(imported, private=True)
    assert line.endswith(" from an imported file in the whole workspace")


def test_timestamp(monkeypatch: pytest.MonkeyPatch) -> None:
    """A time is shown in the reader's zone, and in UTC where Slack can't do that, wherever the bot
    runs.
    """
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        shown = summaries.timestamp(1_700_000_000)
    time.tzset()
    assert shown == "<!date^1700000000^{date_short_pretty} {time}|2023-11-14 22:13 UTC>"


def test_first_line() -> None:
    """A long line is cut, and an empty one is an ellipsis."""
    assert summaries.first_line("one\ntwo\nthree") == "one"
    assert summaries.first_line("x" * 100) == "x" * 79 + "…"
    assert summaries.first_line("\ntwo") == "…"


def test_people_are_mentioned() -> None:
    """The author of a change is a person, or the import of a file; several people are sorted."""
    assert summaries.author(revision(1, ScopeSettings("one"))) == "<@U1>"
    assert summaries.author(Revision(1, 0, UserId(""))) == texts.AN_IMPORT
    assert summaries.mentions({UserId("U3"), UserId("U1")}) == "<@U1>, <@U3>"

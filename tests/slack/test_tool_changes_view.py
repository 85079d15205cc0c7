"""What admins read about tools that a server has changed."""

from dataclasses import replace

from slackbot.conversation.roles import Role
from slackbot.llm.tool_pins import ToolChange, ToolDeclaration
from slackbot.playground.fake_slack.message_checks import check_view
from slackbot.slack.home_tab_view import home_view
from slackbot.slack.tool_changes_view import MAX_CHANGES, change_blocks, change_note
from tests.instructions_harness import view_text
from tests.slack.test_home_tab_view import OVERVIEW

OLD = ToolDeclaration("Reads.", "{}", "{}")
NEW = replace(OLD, description="Reads <!channel>\u200b\ufe01\u3164 and ```ends``` the block.")
CHANGE = ToolChange("files", "read", NEW, OLD)


def text_of(*changes: ToolChange) -> str:
    return view_text({"blocks": [block.to_dict() for block in change_blocks(changes)]})


def test_what_has_changed() -> None:
    """Only that, with nothing hidden, and without markup of the server's."""
    text = text_of(CHANGE)
    assert "`read`* of the MCP server `files` has changed" in text
    assert "!channel&gt;\\u200b\\ufe01\\u3164 and " in text
    assert "ends\\u0060\\u0060\\u0060 the block." in text
    assert "<!channel>" not in text
    assert "arguments" not in text


def test_a_new_tool() -> None:
    """All that it says is shown."""
    text = text_of(replace(CHANGE, pinned=None))
    assert "is new" in text
    assert text.count("```{}```") == 2


def test_nothing_waits() -> None:
    """Then there is nothing to see."""
    assert text_of() == ""


def test_many_changes() -> None:
    """A Home tab holds the first of them, with all their words, whatever those are."""
    longest = ToolDeclaration("<" * 1_024, "<" * 32_000, "<" * 2_000)
    changes = [ToolChange("s" * 30, f"{n}{'t' * 100}", longest, None) for n in range(9)]
    view = home_view(OVERVIEW, "assistant", Role.ADMIN, changes).to_dict()
    check_view(view)
    assert f"And {9 - MAX_CHANGES} more." in view_text(view)
    assert len(change_note(changes * 10)) < 3_000


def test_an_identity_is_of_one_change() -> None:
    """Whatever differs, it is another one."""
    others = [
        replace(CHANGE, server="other"),
        replace(CHANGE, tool="other"),
        replace(CHANGE, declaration=replace(NEW, parameters="[]")),
        replace(CHANGE, declaration=replace(NEW, annotations="[]")),
    ]
    assert len({each.identity for each in (CHANGE, *others)}) == 5

"""What all modals have in common."""

from slackbot.conversation.ids import ChannelId
from slackbot.instructions.form_metadata import FormMetadata
from slackbot.instructions.limits import MAX_FIELD_CHARS
from slackbot.slack import texts
from slackbot.slack.modals import form_modal, notice, plain_sections, section, warning_blocks

METADATA = FormMetadata(ChannelId("C1"), workspace=False, revision=3, text_digest="abc")


def test_a_form() -> None:
    """It carries what it was opened for, and its button can say what saving does."""
    view = form_modal(
        "id", "Title", [section("x")], metadata=METADATA, submit=texts.SAVE_ANYWAY
    ).to_dict()
    assert FormMetadata.from_json(view["private_metadata"]) == METADATA
    assert view["submit"]["text"] == texts.SAVE_ANYWAY
    assert view["callback_id"] == "id"


def test_a_notice_gives_the_text_back() -> None:
    """The text that a person wrote stands below the sentence, whole and as they wrote it."""
    text = "<!channel> & " * 500
    blocks = notice("Not saved", "Try again.", text).to_dict()["blocks"]
    assert [block["text"]["text"] for block in blocks[:2]] == ["Try again.", texts.YOUR_TEXT]
    assert "".join(block["text"]["text"] for block in blocks[2:]) == text
    assert {block["text"]["type"] for block in blocks[2:]} == {"plain_text"}
    assert len(notice("Saved", "Done.").to_dict()["blocks"]) == 1


def test_sections_fit() -> None:
    """No section is longer than Slack takes; a warning is one, and no warning is none."""
    assert [len(each.to_dict()["text"]["text"]) for each in plain_sections("x" * 7_000)] == [
        MAX_FIELD_CHARS,
        MAX_FIELD_CHARS,
        7_000 - 2 * MAX_FIELD_CHARS,
    ]
    assert len(section("x" * 7_000).to_dict()["text"]["text"]) == MAX_FIELD_CHARS
    assert [each.to_dict()["text"]["text"] for each in warning_blocks("Oh.")] == [":warning: Oh."]
    assert list(warning_blocks("")) == []

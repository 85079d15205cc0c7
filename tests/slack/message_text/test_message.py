"""A whole message: what its author wrote, and what is shown with it, whatever Slack sends."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from slackbot.slack.message_text import (
    MAX_CHARACTERS,
    attached_to,
    forwarded_files,
    own_text,
    written_in,
)
from slackbot.slack.message_text.blocks import PARTS, READERS, UNKNOWN_PARTS

Json = dict[str, Any]

NAMES = st.sampled_from(
    [
        *("type", "blocks", "attachments", "message_blocks", "message", "style", "bold", "code"),
        *("indent", "offset", "url", "unicode", "name", "user_id", "timestamp", "is_share", "ts"),
        *("is_msg_unfurl", "from_url", "files", "channel_id", "title_link", "column_settings"),
        *("language", "value", "title_url", "align", "footer", "pretext", "author_name"),
        *UNKNOWN_PARTS,
    ]
)
TYPES = st.sampled_from(
    [
        *READERS,
        *PARTS,
        *("rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted"),
        *("text", "link", "user", "channel", "usergroup", "broadcast", "emoji", "date", "color"),
    ]
)
SCALARS = st.one_of(
    TYPES, st.text(), st.none(), st.booleans(), st.integers(), st.floats(), st.just("https://x|<y>")
)
ANY_JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=60,
)
MESSAGES = st.fixed_dictionaries(
    {}, optional={"text": ANY_JSON, "blocks": ANY_JSON, "attachments": ANY_JSON}
)


def rich(text: str) -> Json:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [section]}


@given(MESSAGES)
def test_any_json(message: Json) -> None:
    """Whatever Slack sends is read as a text within the bound, and raises no error."""
    for text in (written_in(message), attached_to(message), own_text(message)):
        assert len(text) <= MAX_CHARACTERS
    attachments = message.get("attachments")
    if isinstance(attachments, list):
        list(forwarded_files(each for each in attachments if isinstance(each, dict)))


@given(st.text(st.characters(exclude_characters="<>&:")))
def test_plain_messages_are_as_slack_wrote_them(text: str) -> None:
    """The text of a message that a person typed says the same as its blocks: it is not doubled."""
    assert written_in({"text": text, "blocks": [rich(text)]}) == text


def test_text_with_markup_is_not_doubled() -> None:
    """Mentions, links and emoji stand in the text in another form than in the blocks."""
    elements = [
        {"type": "user", "user_id": "U1"},
        {"type": "text", "text": " a < "},
        {"type": "text", "text": "b", "style": {"bold": True}},
        {"type": "emoji", "name": "ship", "unicode": "1f6a2"},
        {"type": "link", "url": "https://x.org", "text": "x"},
    ]
    block = {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": elements}],
    }
    text = "<@U1> a &lt; *b*:ship:<https://x.org|x>"
    assert written_in({"text": text, "blocks": [block]}) == text


def test_blocks_without_letters() -> None:
    """A link or an emoji alone is read from the blocks if there is no text."""
    elements = [
        {"type": "link", "url": "https://x.org"},
        {"type": "emoji", "name": "ship", "unicode": "1f6a2"},
    ]
    section = {"type": "rich_text_section", "elements": elements}
    blocks = [{"type": "rich_text", "elements": [section]}]
    assert written_in({"text": "", "blocks": blocks}) == "<https://x.org>🚢"
    assert written_in({"text": "<https://x.org>:ship:", "blocks": blocks}) == (
        "<https://x.org>:ship:"
    )


def test_blocks_are_what_people_see() -> None:
    """The text of a message with other blocks is only its notification."""
    blocks = [rich("see"), {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}]]}]
    assert written_in({"text": "see", "blocks": blocks}) == "see\n\n| a |\n| --- |"
    assert written_in({"text": "Something new", "blocks": [rich("all")]}) == "all"
    assert written_in({"text": "words", "blocks": [{"type": "actions", "elements": []}]}) == "words"


def test_own_answers_without_buttons_and_tasks() -> None:
    """Of the bot's own message only the answer is read; its text where Slack took no blocks."""
    blocks: list[Json] = [
        {"type": "task_card", "title": "search"},
        {"type": "markdown", "text": "**a** <b>"},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "note"}]},
        {"type": "context_actions", "elements": []},
        {"type": "actions", "elements": [{"type": "button", "url": "https://x.org"}]},
    ]
    assert own_text({"text": "a…", "blocks": blocks}) == "**a** <b>"
    assert own_text({"text": "a &lt; b", "blocks": blocks[3:]}) == "a < b"


def test_only_wanted_attachments() -> None:
    """Some attachments can be left out."""
    message = {"attachments": [{"text": "a"}, {"text": "b"}, "c", None]}
    assert attached_to(message, lambda each: each["text"] == "b") == "b"


def test_long_messages_are_shortened() -> None:
    """A text ends at the bound with a word that says so, and never within a mention."""
    text = written_in({"text": "<@U123> " * 10_000})
    assert text.endswith("<@U123> \n(shortened)")
    assert MAX_CHARACTERS - 20 < len(text) <= MAX_CHARACTERS


def test_deep_nesting() -> None:
    """What lies deeper than people ever put it is left out."""
    block: Json = {"type": "section", "text": "deep"}
    attachment: Json = {"text": "deep"}
    for _ in range(10_000):
        block = {"type": "container", "title": "t", "child_blocks": [block]}
        attachment = {"is_share": True, "text": "t", "attachments": [attachment]}
    message = {"blocks": [block], "attachments": [attachment]}
    assert written_in(message).count("t") < 10
    assert 1 < attached_to(message).count("Forwarded") < 20


def test_time_grows_with_the_length_alone() -> None:
    """A long line of spaces, brackets or backticks is read as quickly as words."""
    for sign in (" ", "<", "`", "&", ":", "\n", "> "):
        line = sign * 200_000
        element = {"type": "text", "text": line, "style": {"bold": True}}
        section = {"type": "rich_text_section", "elements": [element]}
        message = {
            "text": line,
            "blocks": [{"type": "rich_text", "elements": [section]}],
            "attachments": [{"text": line, "is_share": True}],
        }
        assert len(written_in(message)) <= MAX_CHARACTERS
        assert len(attached_to(message)) <= MAX_CHARACTERS
        assert len(own_text(message)) <= MAX_CHARACTERS

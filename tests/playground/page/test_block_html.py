from slackbot.playground.page.block_html import with_html, without_html

NAMES = {"U1": "ana", "U2": "ben the second", "C1": "general"}


def test_html_is_added_and_removed() -> None:
    """Each text gets its HTML, and the page's answer is restored to what the app sent."""
    option = {"text": {"type": "plain_text", "text": "<b>"}, "value": "b"}
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": "*a*"}},
        {"type": "markdown", "text": "**a**"},
        {"type": "actions", "elements": [{"type": "static_select", "options": [option]}]},
    ]
    shown = with_html(blocks, NAMES.get)
    assert shown[0]["text"]["html"] == "<strong>a</strong>"
    assert shown[1]["html"].strip() == "<p><strong>a</strong></p>"
    assert shown[2]["elements"][0]["options"][0]["text"]["html"] == "&lt;b&gt;"
    assert without_html(shown) == blocks


def test_rich_text() -> None:
    """https://docs.slack.dev/reference/block-kit/blocks/rich-text-block"""
    section = {
        "type": "rich_text_section",
        "elements": [
            {"type": "text", "text": "a <b>", "style": {"bold": True}},
            {"type": "user", "user_id": "U1"},
            {"type": "link", "url": "javascript:alert(1)", "text": "x"},
        ],
    }
    items = {"type": "rich_text_list", "style": "ordered", "elements": [section]}
    shown = with_html({"type": "rich_text", "elements": [section, items]}, NAMES.get)["html"]
    assert "<strong>a &lt;b&gt;</strong>" in shown
    assert "@ana" in shown
    assert "<ol><li>" in shown
    assert "javascript" not in shown

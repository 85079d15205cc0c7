"""Adds sanitised HTML to each text of a block, for the page to show."""

from typing import Any

from slackbot.playground.json_types import Json
from slackbot.playground.page.markdown_html import NameOf, markdown_to_html, mention, plain, safe
from slackbot.playground.page.mrkdwn_html import mrkdwn_to_html

HTML_FIELD = "html"
RICH_TEXT_WRAPPERS = {
    "rich_text_section": "<p>{}</p>",
    "rich_text_quote": "<blockquote>{}</blockquote>",
    "rich_text_preformatted": "<pre><code>{}</code></pre>",
}
STYLE_TAGS = {"bold": "strong", "italic": "em", "strike": "del", "code": "code"}


def with_html(value: Any, name_of: NameOf) -> Any:
    """Copies blocks or a view, and adds `html` to every object with a text.

    https://docs.slack.dev/reference/block-kit/composition-objects/text-object
    """
    if isinstance(value, list | tuple):
        return [with_html(each, name_of) for each in value]
    if not isinstance(value, dict):
        return value
    copy = {key: with_html(each, name_of) for key, each in value.items()}
    text = value.get("text")
    match value.get("type"):
        case "mrkdwn" if isinstance(text, str):
            copy[HTML_FIELD] = mrkdwn_to_html(text, name_of)
        case "plain_text" if isinstance(text, str):
            copy[HTML_FIELD] = plain(text)
        case "markdown" if isinstance(text, str):
            copy[HTML_FIELD] = markdown_to_html(text, name_of)
        case "rich_text":
            copy[HTML_FIELD] = safe(
                "".join(_rich_text(part, name_of) for part in value["elements"])
            )
    return copy


def without_html(value: Any) -> Any:
    """Removes the added `html` from what the page sends back."""
    if isinstance(value, list):
        return [without_html(each) for each in value]
    if isinstance(value, dict):
        return {key: without_html(each) for key, each in value.items() if key != HTML_FIELD}
    return value


def _rich_text(part: Json, name_of: NameOf) -> str:
    """https://docs.slack.dev/reference/block-kit/blocks/rich-text-block"""
    within = "".join(_rich_text(each, name_of) for each in part.get("elements", ()))
    kind = part.get("type")
    if kind in RICH_TEXT_WRAPPERS:
        return RICH_TEXT_WRAPPERS[kind].format(within)
    if kind == "rich_text_list":
        tag = "ol" if part.get("style") == "ordered" else "ul"
        items = "".join(f"<li>{_rich_text(each, name_of)}</li>" for each in part["elements"])
        return f"<{tag}>{items}</{tag}>"
    return _styled(_inline(part, name_of), part.get("style") or {})


def _inline(part: Json, name_of: NameOf) -> str:
    match part.get("type"):
        case "user":
            user = str(part.get("user_id", ""))
            return mention(user, name_of(user) or user)
        case "emoji":
            return plain(f":{part.get('name', '')}:")
        case "link":
            url = str(part.get("url", ""))
            return f'<a href="{plain(url)}">{plain(str(part.get("text") or url))}</a>'
        case _:
            return plain(str(part.get("text", "")))


def _styled(html: str, style: Json) -> str:
    for name, tag in STYLE_TAGS.items():
        if style.get(name):
            html = f"<{tag}>{html}</{tag}>"
    return html

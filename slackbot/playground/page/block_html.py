"""Blocks for the page: each text in them gets its HTML beside it, which is made safe here."""

from typing import Any

from slackbot.playground.page.markdown_html import NameOf, markdown, mention, plain, safe
from slackbot.playground.page.mrkdwn_html import mrkdwn
from slackbot.playground.wire import Json

HTML = "html"
WRAPPERS = {
    "rich_text_section": "<p>{}</p>",
    "rich_text_quote": "<blockquote>{}</blockquote>",
    "rich_text_preformatted": "<pre><code>{}</code></pre>",
}
STYLES = {"bold": "strong", "italic": "em", "strike": "del", "code": "code"}


def with_html(value: Any, name_of: NameOf) -> Any:
    """A copy of blocks, a view or a part of one, with `html` in whatever has a text to show.

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
            copy[HTML] = mrkdwn(text, name_of)
        case "plain_text" if isinstance(text, str):
            copy[HTML] = plain(text)
        case "markdown" if isinstance(text, str):
            copy[HTML] = markdown(text, name_of)
        case "rich_text":
            copy[HTML] = safe("".join(_rich(part, name_of) for part in value["elements"]))
    return copy


def without_html(value: Any) -> Any:
    """What the page sends back of a with_html value, as the app made it."""
    if isinstance(value, list):
        return [without_html(each) for each in value]
    if isinstance(value, dict):
        return {key: without_html(each) for key, each in value.items() if key != HTML}
    return value


def _rich(part: Json, name_of: NameOf) -> str:
    """https://docs.slack.dev/reference/block-kit/blocks/rich-text-block"""
    within = "".join(_rich(each, name_of) for each in part.get("elements", ()))
    kind = part.get("type")
    if kind in WRAPPERS:
        return WRAPPERS[kind].format(within)
    if kind == "rich_text_list":
        tag = "ol" if part.get("style") == "ordered" else "ul"
        items = "".join(f"<li>{_rich(each, name_of)}</li>" for each in part["elements"])
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
    for name, tag in STYLES.items():
        if style.get(name):
            html = f"<{tag}>{html}</{tag}>"
    return html

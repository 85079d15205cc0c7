"""Reads the markup that Slack delivers: who is mentioned, and what it says as plain text.

Slack escapes what people type (`&amp; &lt; &gt;`) and writes what it recognised between angle
brackets: https://docs.slack.dev/messaging/formatting-message-text.
"""

import re
from collections.abc import Mapping

from slackbot.markdown.dates import utc_minute
from slackbot.markdown.unicode import to_well_formed

MAX_MENTIONED_PEOPLE = 50
"""How many people's names are asked for because a text mentions them. `users.info` also tells who
is an admin and who is a bot, and Slack limits it for the whole workspace.
"""

MAX_UNNAMED_MENTIONS = 20
"""For how many channels and user groups Slack is asked at once: it limits such calls."""

_LABEL = r"(?:\|(?P<label>[^<>\n]*))?"
_USER = re.compile(rf"<@([UW]\w+){_LABEL}>")
_OTHER_MENTION = re.compile(r"<(?:!(?:here|channel|everyone|subteam\^)|@B)[^<>\n]*>")
_UNNAMED = re.compile(r"<(?:#|!subteam\^)(\w+)\|?>")
_MARKUP = re.compile(
    rf"<(?P<target>@\w+|#\w+|![^<>|\n]+|[a-z][a-z0-9+.-]*:[^<>|\n]+){_LABEL}>|&(?:amp|lt|gt);",
    re.IGNORECASE,
)


def mentioned_users(markup: str) -> tuple[str, ...]:
    """The user ids of the people mentioned, in order, each once."""
    return tuple(dict.fromkeys(match[1] for match in _USER.finditer(markup)))


def unnamed_mentions(markup: str) -> tuple[str, ...]:
    """The IDs of the channels and user groups that are mentioned without their names, each once.

    They are the first MAX_UNNAMED_MENTIONS. Rich text, which clients send, has no names.
    """
    return tuple(dict.fromkeys(_UNNAMED.findall(markup)))[:MAX_UNNAMED_MENTIONS]


def addresses_others(markup: str, me: str) -> bool:
    """Whether it mentions a person, a bot, a user group or everyone, and not the user id `me`."""
    users = mentioned_users(markup)
    return me not in users and bool(users or _OTHER_MENTION.search(markup))


def to_plain_text(markup: str, names: Mapping[str, str], me: str) -> str:
    """What a person wrote, as people see it, without the mentions of `me`, if that is not empty.

    `names` maps the IDs of users and groups to names, and those of channels to names with their
    sign ("#general"). Each part of the markup is read once, so a typed "<@U1>" does not become a
    mention.
    """

    def render(match: re.Match[str]) -> str:
        if match["target"] is None:
            return _unescape(match[0])
        target, label = _unescape(match["target"]), _unescape(match["label"] or "")
        match target[0]:
            case "@":
                return "@" + names.get(target[1:], label.removeprefix("@") or target[1:])
            case "#":
                return f"#{label}" if label else names.get(target[1:], target)
            case "!":
                return _render_special(target[1:], label, names) or match[0]
        return _render_link(target, label)

    read = to_well_formed(markup)
    return _MARKUP.sub(render, strip_mentions(read, me) if me else read).strip()


def strip_mentions(markup: str, me: str) -> str:
    """The markup without mentions of `me`, each removed together with the space it would leave."""
    own = rf"<@{re.escape(me)}(?:\|[^<>\n]*)?>"
    leading = rf"^(?:[ \t]*{own}[:,]?)+[ \t]*"
    inner = rf"[ \t]?{own}(?=\s|[.,:;!?)]|\Z)"
    return re.sub(rf"{leading}|{inner}|{own}", "", markup, flags=re.MULTILINE)


def _unescape(markup: str) -> str:
    return markup.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _render_special(target: str, label: str, names: Mapping[str, str]) -> str:
    """The name of `here`, the handle of `subteam^S1`, the fallback text or time of `date^…`.

    Empty if nothing of it can be read.
    """
    name, _, argument = target.partition("^")
    if name in {"here", "channel", "everyone"}:
        return f"@{name}"
    if name == "subteam":
        return "@" + (label.removeprefix("@") or names.get(argument, argument))
    return label or (utc_minute(argument.partition("^")[0]) if name == "date" else "")


def _render_link(url: str, label: str) -> str:
    scheme, bare = re.split(r"(?<=:)(?://)?", url, maxsplit=1)
    shown = bare if scheme.lower() == "mailto:" else url
    same = {"", url, bare, url.rstrip("/"), bare.rstrip("/")}
    return shown if label in same else f"{label} ({shown})"

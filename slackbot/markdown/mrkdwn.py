"""Slack's markup as plain text for the model, and what the model writes made harmless.

Slack escapes what people type (`&amp; &lt; &gt;`) and writes what it understood between angle
brackets: https://docs.slack.dev/messaging/formatting-message-text. Outwards goes Markdown, and
whether Slack honours pings in it is not documented. So nothing goes out that looks like one.
"""

import re
from collections.abc import Iterable, Mapping
from html import escape, unescape
from itertools import pairwise

WORD_JOINER = "\u2060"
"""Invisible and of no width; what it parts is no longer a ping."""

NOTIFICATION_LENGTH = 150
"""Characters, before they are escaped; a phone shows about as many."""

LONGEST_PING = 64
"""Characters in which whoever wants to ping somebody has to say so."""

LONGEST_QUOTE = 1_000
"""Characters of what somebody said aloud; the model gets all of it."""

_NOTE = "⚠️ _"
_QUOTE = "> 🎤"
_HALF = re.compile("[\ud800-\udfff]")
_SIGN = re.compile("[<@&]")
_LABEL = r"(?:\|(?P<label>[^<>\n]*))?"
_PERSON = re.compile(rf"<@([UW]\w+){_LABEL}>")
_OTHERS = re.compile(r"<(?:!(?:here|channel|everyone|subteam\^)|@B)[^<>\n]*>")
_MARKUP = re.compile(
    rf"<(?P<target>@\w+|#\w+|![^<>|\n]+|[a-z][a-z0-9+.-]*:[^<>|\n]+){_LABEL}>|&(?:amp|lt|gt);",
    re.IGNORECASE,
)
_SIGNS = re.compile(r"^ {0,3}(?:`{3,}[^`\n]*|~{3,}.*)$|^ {0,3}#{1,6}[ \t]+|\*\*|`", re.MULTILINE)
_ENTITY_OR_TEXT = re.compile(
    r"&(?:amp;?)*(?:#0*(?P<decimal>\d{1,7})|#x0*(?P<hex>[\da-f]{1,6})|(?P<name>[a-z]{2,8}));?"
    r"|[^&]+|&",
    re.IGNORECASE | re.ASCII,
)
_PING = re.compile(
    r"<(?=\\*!\\*(?:channel|here|everyone|subteam))"
    r"|<(?=\\*@\\*(?:(?-i:[UWB](?![a-z]))|[uwb][a-z0-9]*\\*[>|]))"
    r"|(?<![a-z0-9])@(?=\\*(?:channel|here|everyone)(?![a-z0-9]))",
    re.IGNORECASE | re.ASCII,
)


def mentioned_users(markup: str) -> tuple[str, ...]:
    """The ids of the people mentioned, in order, each once."""
    return tuple(dict.fromkeys(match[1] for match in _PERSON.finditer(markup)))


def addresses_others(markup: str, me: str) -> bool:
    """Whether it mentions a person, a bot, a user group or everyone, and not `me`."""
    people = mentioned_users(markup)
    return me not in people and bool(people or _OTHERS.search(markup))


def to_plain_text(markup: str, names: Mapping[str, str], me: str) -> str:
    """What a person wrote, as they see it; `names` are the display names by user id.

    Each part of the markup is read once, so a typed "<@U1>" does not become a mention.
    """

    def read(match: re.Match[str]) -> str:
        if match["target"] is None:
            return _unescaped(match[0])
        target, label = _unescaped(match["target"]), _unescaped(match["label"] or "")
        match target[0]:
            case "@":
                return "@" + names.get(target[1:], label.removeprefix("@") or target[1:])
            case "#":
                return "#" + (label or target[1:])
            case "!":
                return _special(target[1:], label) or match[0]
        return _link(target, label)

    return _MARKUP.sub(read, strip_mentions(well_formed(markup), me)).strip()


def strip_mentions(markup: str, me: str) -> str:
    """The markup without mentions of `me`, each together with the blank it would leave."""
    own = rf"<@{re.escape(me)}(?:\|[^<>\n]*)?>"
    leading = rf"^(?:[ \t]*{own}[:,]?)+[ \t]*"
    inner = rf"[ \t]?{own}(?=\s|[.,:;!?)]|\Z)"
    return re.sub(rf"{leading}|{inner}|{own}", "", markup, flags=re.MULTILINE)


def escape_mentions(markdown: str) -> str:
    """The same, with a word joiner in everything that may ping anybody.

    Pings are looked for as written and as Slack may decode them. Each insertion depends on a few
    characters of the same line, and there is at most one for each `<`, `@` and `&`.
    """
    decoded, ends = _decoded(markdown)
    places = {match.end() for match in _PING.finditer(markdown)}
    places |= {ends[match.start()] for match in _PING.finditer(decoded)}
    cuts = [0, *sorted(places), len(markdown)]
    return WORD_JOINER.join(markdown[start:end] for start, end in pairwise(cuts))


def stable_prefix(markdown: str) -> str:
    """The beginning that harmless() will leave as it is, whatever is written next."""
    tail = len(markdown) - LONGEST_PING
    unfinished = _SIGN.search(markdown, max(tail, 0))
    return markdown[: unfinished.start() if unfinished else None].rstrip()


def with_notes(markdown: str, *sentences: str) -> str:
    """The text with sentences under it, which are the bot's own and not the model's."""
    notes = (f"{_NOTE}{sentence}_" for sentence in sentences)
    return "\n\n".join((markdown.rstrip(), *notes)).lstrip()


def strip_notes(markdown: str) -> str:
    """The text as it was before `with_notes` and `with_quotes`."""
    text = markdown.partition(_NOTE)[0].rstrip()
    while text.startswith(_QUOTE):
        text = text.partition("\n\n")[2].lstrip()
    return text


def with_quotes(spoken: Iterable[str], markdown: str) -> str:
    """The text under what people said aloud, each a quotation."""
    quotations = (f"{_QUOTE} " + "\n> ".join(_shortened(each).splitlines()) for each in spoken)
    return "\n\n".join((*quotations, markdown)).rstrip() if spoken else markdown


def _shortened(spoken: str) -> str:
    """No blank lines, which would end the quotation, and no more than one remembers."""
    text = "\n".join(line for line in spoken.splitlines() if line.strip()).strip()
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE].rstrip()}…"


def well_formed(text: str) -> str:
    """The text with both halves of a surrogate pair joined, and U+FFFD for a half alone.

    JSON may hold halves (RFC 8259, section 8.2), and a stream may part them; UTF-8 can't.
    """
    if _HALF.search(text) is None:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def as_text(markdown: str) -> str:
    """Markdown for a message's `text`, to be seen as it was written."""
    return escape_mentions(escape(markdown, quote=False))


def excerpt(markdown: str, most: int) -> str:
    """The beginning of a text, to be seen as it was written in at most so many characters."""
    shown = as_text(markdown[:most])
    if len(markdown) <= most and len(shown) <= most:
        return shown
    kept = most - 1
    while len(shown := as_text(markdown[:kept])) >= most:
        kept = kept * 9 // 10
    return f"{shown}…"


def notification(markdown: str) -> str:
    """The beginning of a message in one line, as Slack's `text`; never empty."""
    line = " ".join(_SIGNS.sub("", markdown).split())
    if len(line) > NOTIFICATION_LENGTH:
        end = line.rfind(" ", NOTIFICATION_LENGTH // 2, NOTIFICATION_LENGTH)
        line = line[: end if end > 0 else NOTIFICATION_LENGTH - 1] + "…"
    return as_text(line) or "…"


def _unescaped(markup: str) -> str:
    return markup.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _special(target: str, label: str) -> str:
    """here, subteam^S1 with its @team, date^… with its fallback; empty if nothing is readable."""
    name, _, argument = target.partition("^")
    if name in {"here", "channel", "everyone"}:
        return f"@{name}"
    if name == "subteam":
        return "@" + (label.removeprefix("@") or argument)
    return label


def _link(url: str, label: str) -> str:
    scheme, bare = re.split(r"(?<=:)(?://)?", url, maxsplit=1)
    shown = bare if scheme.lower() == "mailto:" else url
    same = {"", url, bare, url.rstrip("/"), bare.rstrip("/")}
    return shown if label in same else f"{label} ({shown})"


def _decoded(markdown: str) -> tuple[str, list[int]]:
    """The text with its entities decoded, and where each character of it ends in `markdown`."""
    decoded: list[str] = []
    ends: list[int] = []
    for match in _ENTITY_OR_TEXT.finditer(markdown):
        if match.lastgroup:
            characters = _characters(match)
            ends += [match.end()] * len(characters)
        else:
            characters = match[0]
            ends += range(match.start() + 1, match.end() + 1)
        decoded.append(characters)
    return "".join(decoded), ends


def _characters(entity: re.Match[str]) -> str:
    number = f"#{entity['decimal']}" if entity["decimal"] else f"#x{entity['hex']}"
    return unescape(f"&{entity['name'].lower() if entity['name'] else number};")

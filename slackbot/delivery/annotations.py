"""What a message shows that is neither the model's answer nor a note: signs of what it did.

A finished answer keeps them, folded into a line, so they can be told from the answer when a thread
is read from Slack.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from slackbot.conversation.history import ToolCall, ToolRound
from slackbot.conversation.texts import DECLINED

TOOLS_MARKER = "🔧 _"
SOURCES_MARKER = "🔗 _Sources:_ "
SEARCHING_LINE = f"{TOOLS_MARKER}Searching the web…_"

MAX_SOURCES = 10
MAX_TITLE_CHARACTERS = 80

MAX_QUESTION_CHARACTERS = 2_500
"""Characters of the arguments that a person is asked to confirm: all of them have to be visible."""

_HTTP = re.compile(r"https?://[^/\s]+", re.IGNORECASE)
_MARKUP = re.compile(r"[\[\]()<>`*_~|\\\x00-\x1f]+")
_INVISIBLE = re.compile(
    r"[^\S \n]|[\x00-\x09\x0b-\x1f\x7f-\x9f\xad]"
    r"|[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
"""Signs that people don't see, or that change the order in which others are visible."""


def split_refusal(markdown: str) -> tuple[str, str]:
    """The model's text, and its refusal, in a message without its note."""
    said = markdown.partition(TOOLS_MARKER)[0].partition(SOURCES_MARKER)[0]
    text, _, refusal = said.partition(DECLINED)
    return text.rstrip(), re.sub("^> ?", "", refusal.rstrip(), flags=re.MULTILINE)


def tools_running_line(calls: Sequence[ToolCall]) -> str:
    """The line that stands while tools run."""
    return f"{TOOLS_MARKER}Using {_names_in_code(calls)}…_"


def tools_used_line(calls: Sequence[ToolCall]) -> str:
    """What is left of that line in a finished answer."""
    return f"{TOOLS_MARKER}Used {_names_in_code(calls)}_"


def sources_line(found: Mapping[str, str]) -> str:
    """The pages that an answer rests on, by address, with their titles; empty if there are none.

    Both come from the web: nothing of them is markup, and an address leads where it seems to.
    """
    links = [
        f"[{_plain(title)[:MAX_TITLE_CHARACTERS] or _plain(url.split('/')[2])}]({_address(url)})"
        for url, title in found.items()
        if _HTTP.match(url)
    ]
    return SOURCES_MARKER + ", ".join(links[:MAX_SOURCES]) if links else ""


@dataclass(frozen=True, slots=True)
class Task:
    """A round of tools, or a search of the web, as a message of Slack's own streams shows it beside
    the text.
    """

    id: str
    title: str
    done: bool


def stream_tasks(rounds: Sequence[ToolRound], *, searching: bool) -> tuple[Task, ...]:
    """The search is there in any case: what never began need not be told."""
    used = (
        Task(f"round-{number}", _names(each.calls), done=not each.awaited)
        for number, each in enumerate(rounds)
    )
    return (*used, Task("search", "Searching the web", done=not searching))


def approval_question(call: ToolCall) -> str | None:
    """What a person is asked before a tool runs; None where it could not be shown in full."""
    arguments = json.dumps(json.loads(call.arguments), ensure_ascii=False, indent=1)
    visible = _INVISIBLE.sub(lambda sign: f"\\u{ord(sign[0]):04x}", arguments)
    if len(visible) > MAX_QUESTION_CHARACTERS:
        return None
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", visible)), default=0))
    return f"⚠️ *May I use* `{call.name}`*?*\n\n{fence}\n{visible}\n{fence}"


def _address(url: str) -> str:
    return quote(url, safe=":/?#@!$&'*+,;=%~-._")


def _plain(title: str) -> str:
    return " ".join(_MARKUP.sub(" ", title).split())


def _names_in_code(calls: Sequence[ToolCall]) -> str:
    """The names of tools, each once."""
    return ", ".join(f"`{name}`{times_suffix}" for name, times_suffix in _counts(calls))


def _names(calls: Sequence[ToolCall]) -> str:
    """The same as plain text."""
    return ", ".join(f"{name}{times_suffix}" for name, times_suffix in _counts(calls))


def _counts(calls: Sequence[ToolCall]) -> Iterator[tuple[str, str]]:
    for name, times in Counter(call.name for call in calls).items():
        yield name, f" {times} times" if times > 1 else ""

"""Lines of a message that the model did not write: tools in use, and sources.

Each begins with a marker and stands alone at the end, so that the model's text can be separated
from them when a thread is read from Slack. The same signs within a text are the model's.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from slackbot.conversation.history import ToolCall, ToolRound
from slackbot.conversation.texts import DECLINED
from slackbot.delivery import texts
from slackbot.markdown.notes import strip_last_paragraphs

TOOLS_MARKER = "🔧 _"
SOURCES_MARKER = "🔗 _Sources:_ "
SEARCHING_LINE = f"{TOOLS_MARKER}{texts.SEARCHING}…_"

MAX_SHOWN_SOURCES = 10
MAX_TITLE_CHARACTERS = 80

MAX_TASK_TITLE_CHARACTERS = 256
"""https://docs.slack.dev/reference/methods/chat.appendStream"""

_TOOLS = re.compile(r"(?:🔧|:wrench:) ?_[^\n]*_")
_SOURCES = re.compile(r"(?:🔗|:link:) ?_Sources:_ [^\n]*")
_DECLINED = re.escape(DECLINED.strip("🚫_ \n"))
_REFUSAL = re.compile(
    rf"(?:\A|(?<=\n\n))(?:🚫|:no_entry_sign:) ?[*_]{_DECLINED}[*_]\s*\n\n"
    r"(?P<refusal>>[^\n]*(?:\n>[^\n]*)*)\Z"
)
"""Nothing that the model wrote follows any of these."""

_HTTP = re.compile(r"https?://[^/\s]+", re.IGNORECASE)
_MARKUP = re.compile(r"[\[\]()<>`*_~|\\\x00-\x1f]+")


def split_refusal(markdown: str) -> tuple[str, str]:
    """Splits a message without notes into the model's text and its refusal, which is its end."""
    written = strip_last_paragraphs(strip_last_paragraphs(markdown, _TOOLS), _SOURCES)
    refused = _REFUSAL.search(written)
    if refused is None:
        return written, ""
    refusal = re.sub("^> ?", "", refused["refusal"], flags=re.MULTILINE)
    return written[: refused.start()].rstrip(), refusal


def tools_running_line(calls: Sequence[ToolCall]) -> str:
    """The line below the text while tools run."""
    return f"{TOOLS_MARKER}Using {_names_in_code(calls)}…_"


def tools_used_line(calls: Sequence[ToolCall]) -> str:
    """The line in a finished answer that names the tools that were used."""
    return f"{TOOLS_MARKER}Used {_names_in_code(calls)}_"


def sources_line(found: Mapping[str, str]) -> str:
    """The line of the pages that an answer cites: `found` maps URLs to titles. Empty without any.

    Both come from the web, so they are escaped: no title is markup, and no URL misleads.
    """
    links = [
        f"[{_plain(title)[:MAX_TITLE_CHARACTERS] or _plain(url.split('/')[2])}]({_address(url)})"
        for url, title in found.items()
        if _HTTP.match(url)
    ]
    return SOURCES_MARKER + ", ".join(links[:MAX_SHOWN_SOURCES]) if links else ""


@dataclass(frozen=True, slots=True)
class Task:
    """A round of tools, or a web search, as one of Slack's streams displays it next to the text."""

    id: str
    title: str
    done: bool
    failed: bool = False
    """It is done, and nothing of it was run."""


def stream_tasks(rounds: Sequence[ToolRound], *, searching: bool) -> tuple[Task, ...]:
    """The tasks of a stream. A web search that has not begun counts as done, and is not sent."""
    used = (
        Task(
            f"round-{number}",
            _names(each.begun or each.calls)[:MAX_TASK_TITLE_CHARACTERS],
            done=not each.awaited,
            failed=not each.begun,
        )
        for number, each in enumerate(rounds)
    )
    return (*used, Task("search", texts.SEARCHING, done=not searching))


def _address(url: str) -> str:
    return quote(url, safe=":/?#@!$&'*+,;=%~-._")


def _plain(title: str) -> str:
    return " ".join(_MARKUP.sub(" ", title).split())


def _names_in_code(calls: Sequence[ToolCall]) -> str:
    """The names of the called tools as inline code, each once."""
    return ", ".join(f"`{name}`{times_suffix}" for name, times_suffix in _counts(calls))


def _names(calls: Sequence[ToolCall]) -> str:
    """The names of the called tools as plain text, each once."""
    return ", ".join(f"{name}{times_suffix}" for name, times_suffix in _counts(calls))


def _counts(calls: Sequence[ToolCall]) -> Iterator[tuple[str, str]]:
    for name, times in Counter(call.name for call in calls).items():
        yield name, f" {times} times" if times > 1 else ""

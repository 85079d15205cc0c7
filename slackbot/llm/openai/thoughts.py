"""Keeps a model's thoughts out of its answer, where a server sends them as text between tags.

Most servers send them in a field of their own. Others pass on what the model writes:
`<think>…</think>`, then the answer. Some templates write the opening tag into the prompt, so the
text begins with the thought, and only the closing tag shows that it was one. Pure: however a text
is divided into pieces, the same answer remains.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Literal

from slackbot.conversation.deltas import RetractDelta, TextDelta

HARMONY_FINAL = "<|channel|>final<|message|>"

TAGS: Mapping[str, str] = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "<reasoning>": "</reasoning>",
    "<seed:think>": "</seed:think>",
    "[think]": "[/think]",
    "◁think▷": "◁/think▷",
    "<|begin_of_thought|>": "<|end_of_thought|>",
    "<|channel>": "<channel|>",
    "<|channel|>analysis<|message|>": HARMONY_FINAL,
    "<|start|>assistant<|channel|>analysis<|message|>": HARMONY_FINAL,
    "<|channel|>commentary<|message|>": HARMONY_FINAL,
}
"""Opening tag -> closing tag, in lower case. In this order those of DeepSeek, Qwen and many others;
Claude; Marco; several; Seed; Mistral; Kimi; OpenThinker; Gemma 4; and gpt-oss, whose format is
https://cookbook.openai.com/articles/openai-harmony.
"""

LONE_CLOSINGS = (
    "</think>",
    "</seed:think>",
    "[/think]",
    "◁/think▷",
    "<channel|>",
    HARMONY_FINAL,
    "assistantfinal",
)
"""Closing tags whose opening one may stand in the prompt. The last is gpt-oss's, where a server
leaves out the special tokens.
"""

MAX_BLANK_CHARACTERS = 1_000
"""What begins with more blanks than these is no thought."""

MAX_QUOTED_CLOSINGS = 20
"""An answer that has quoted so many closing tags is about them: further ones end no thought."""

MAX_TAG_CHARACTERS = max(map(len, [*TAGS, *TAGS.values()]))


def _any_of(*tags: str) -> str:
    return "|".join(map(re.escape, tags))


_BEGINNINGS = tuple(tag for tag in (*TAGS, *LONE_CLOSINGS) if not tag.isalpha())
"""Tags that a response may begin with. It is not held back for a word."""

_BEGINNING = re.compile(_any_of(*_BEGINNINGS), re.IGNORECASE)
_OPENING = re.compile(_any_of(*TAGS), re.IGNORECASE)
_LONE_CLOSING = re.compile(
    rf"""(?<![`"'“«(])(?:{_any_of(*LONE_CLOSINGS)})(?![`"'”»).,;:!?])""", re.IGNORECASE
)
"""One that nobody quotes, and that ends no sentence."""

_FENCE = re.compile(r"^ {0,3}(```|~~~)", re.MULTILINE)


class ThoughtFilter:
    """Filters the text of one response. A thought counts at its beginning only: an answer may be
    about these tags.
    """

    def __init__(self, *, is_opened: bool = False) -> None:
        """`is_opened`: the model's earlier responses began with a thought without an opening tag.
        This one is held back until its thought ends, or until its own end.
        """
        self.closed_alone: bool | None = None
        """Whether the response began with a thought without an opening tag; None while that is
        not known, or can't be.
        """
        self._state: Literal["beginning", "thinking", "answering"] = "beginning"
        self._pending = ""
        """What is not looked at yet, or may be the beginning of a tag."""
        self._closing = ""
        """Ends the thought."""
        self._had_thought = False
        self._holds_back = is_opened
        self._answer: list[str] = []
        self._quoted_closings = 0
        self._tail = ""
        """The end of the answer so far: it may be a part of a tag."""

    def feed(self, text: str) -> Iterator[TextDelta | RetractDelta]:
        """Yields what is shown of the next piece, and a RetractDelta where all that was shown
        before was a thought.
        """
        self._pending += text
        yield from self._read(is_end=False)

    def end(self) -> Iterator[TextDelta | RetractDelta]:
        """Yields what was held back. A thought that has no end stays hidden."""
        yield from self._read(is_end=True)
        if self._holds_back and any(self._answer):
            self.closed_alone = False
            yield TextDelta("".join(self._answer))

    def _read(self, *, is_end: bool) -> Iterator[TextDelta | RetractDelta]:
        state = None
        while state != self._state:
            state = self._state
            if state == "beginning":
                self._begin(is_end=is_end)
            elif state == "thinking":
                self._think()
            else:
                yield from self._answer_on(is_end=is_end)

    def _begin(self, *, is_end: bool) -> None:
        text = self._pending.lstrip()
        if tag := _BEGINNING.match(text):
            self._closing = TAGS.get(tag[0].lower(), "")
            self._pending = text[tag.end() :]
            self._had_thought, self._holds_back = True, False
            self._state = "thinking"
        elif is_end or not _may_become_tag(text) or len(self._pending) > MAX_BLANK_CHARACTERS:
            self._pending = text if self._had_thought else self._pending
            self._state = "answering"

    def _think(self) -> None:
        if end := re.search(re.escape(self._closing), self._pending, re.IGNORECASE):
            self._pending = self._pending[end.end() :]
            self._state = "beginning"
        else:
            self._pending = self._pending[-len(self._closing) :]

    def _answer_on(self, *, is_end: bool) -> Iterator[TextDelta | RetractDelta]:
        text, self._pending = self._pending, ""
        rest = None if self._had_thought else self._after_lone_closing(text, is_end=is_end)
        if rest is not None:
            if self._answer and not self._holds_back:
                yield RetractDelta()
            self.closed_alone = self._had_thought = True
            self._holds_back = False
            self._pending, self._state = rest, "beginning"
            return
        if not self._had_thought:
            self._answer.append(text)
            self._tail = (self._tail + text)[-MAX_TAG_CHARACTERS - 1 :]
        if text and not self._holds_back:
            yield TextDelta(text)

    def _after_lone_closing(self, text: str, *, is_end: bool) -> str | None:
        """What follows the end of a thought in the next piece; None if none ends there for sure."""
        window = self._tail + text
        for tag in _LONE_CLOSING.finditer(window):
            if tag.end() < len(self._tail):
                continue  # it has been looked at
            if self._quoted_closings == MAX_QUOTED_CLOSINGS:
                return None
            if tag.end() == len(window) and not is_end:
                return None
            whole = "".join([*self._answer, text])
            before = whole[: len(whole) - len(window) + tag.start()]
            if not (_OPENING.search(before) or _ends_in_code(before)):
                return window[tag.end() :]
            self._quoted_closings += 1
        return None


def _may_become_tag(text: str) -> bool:
    """Whether a tag begins with it, or nothing has been written yet."""
    start = text.lower()
    return any(tag.startswith(start) for tag in _BEGINNINGS)


def _ends_in_code(text: str) -> bool:
    """Whether the end of a Markdown text stands in code, in a block or in a line."""
    line = text.rpartition("\n")[2]
    return len(_FENCE.findall(text)) % 2 == 1 or line.count("`") % 2 == 1

"""What the bot adds to an answer: notes below it, and quotes of recordings above it.

Both have a form that can be recognised, so that they can be taken off when the bot reads its own
message back. A note is a whole paragraph at the end, so the same signs within an answer are text.
Slack may give an emoji by its name.
"""

import re
from collections.abc import Sequence

from slackbot.markdown.escaping import WORD_JOINER
from slackbot.markdown.note_marks import replace_marks

MAX_QUOTE_CHARACTERS = 1_000
"""Of a recording's transcript. The model gets all of it."""

_NOTE_START = "⚠️ _"
_QUOTE_START = "> 🎤"

_NOTE = re.compile(r"(?:⚠\ufe0f?|:warning:) ?_[^\n]*_")
_QUOTE = re.compile(r"> ?(?:🎤|:microphone:)")


def with_notes(markdown: str, *sentences: str) -> str:
    """The text with a note below it for each sentence, which is the bot's and not the model's."""
    notes = (f"{_NOTE_START}{_without_links(sentence)}_" for sentence in sentences)
    return "\n\n".join((markdown.rstrip(), *notes)).lstrip()


def with_quotes(transcripts: Sequence[str], markdown: str) -> str:
    """The text with a block quote above it for each transcript."""
    shortened = (replace_marks(_shorten(each)) for each in transcripts)
    quotes = (f"{_QUOTE_START} " + "\n> ".join(each.splitlines()) for each in shortened)
    return "\n\n".join((*quotes, markdown)).rstrip() if transcripts else markdown


def strip_notes(markdown: str) -> str:
    """The text as it was before `with_notes` and `with_quotes`."""
    text = strip_last_paragraphs(markdown, _NOTE)
    while _QUOTE.match(text):
        text = text.partition("\n\n")[2].lstrip()
    return text


def strip_last_paragraphs(markdown: str, form: re.Pattern[str]) -> str:
    """The text without the paragraphs of this form at its end, each of which is one line."""
    text = markdown.rstrip()
    while form.fullmatch(text, start := text.rfind("\n\n") + 2 if "\n\n" in text else 0):
        text = text[:start].rstrip()
    return text


def _without_links(sentence: str) -> str:
    """A sentence in one line that leads nowhere: it may hold the name of somebody's file."""
    escaped = re.sub(r"(?<!\\)([\[\]<])", r"\\\1", " ".join(sentence.split()))
    return escaped.replace("://", f":{WORD_JOINER}//")


def _shorten(transcript: str) -> str:
    """The beginning, without blank lines, which would end the block quote."""
    text = "\n".join(line for line in transcript.splitlines() if line.strip()).strip()
    if len(text) <= MAX_QUOTE_CHARACTERS:
        return text
    return f"{text[:MAX_QUOTE_CHARACTERS].rstrip()}…"

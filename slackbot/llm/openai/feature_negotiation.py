"""Finds the form of a request that a server takes.

Not every server that speaks OpenAI's protocol takes all that OpenAI's own does. What it refuses is
left out: what its error names, or, where it names nothing, one feature after the other.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import get_args

from slackbot.llm.openai.error_report import ErrorReport
from slackbot.llm.openai.message_shapes import ShapeFeature
from slackbot.llm.openai.request import Feature
from slackbot.llm.openai.shape_refusals import refused_shape

FEATURE_PATTERNS: Mapping[Feature, re.Pattern[str]] = {
    "stream_options": re.compile(r"\b(stream_options|include_usage)\b"),
    # Reasoning models count their thoughts, and may fail when these alone reach the limit.
    "max_completion_tokens": re.compile(r"\b(max_completion_tokens|max_tokens)\b"),
    # A common word: only as the name of a field counts, not in "unknown model name".
    "name": re.compile(
        r"""(["'`])name\1|\bmessages\S*[.\]]name\b"""
        r"""|\b(property|field|parameter|key|argument|inputs?|fields)\W+name\b""",
        re.IGNORECASE,
    ),
    # OpenAI's models that don't reason; and thoughts that a server can't read.
    "encrypted_content": re.compile(r"\bencrypted[ _]content\b", re.IGNORECASE),
    "web_search": re.compile(r"web_search", re.IGNORECASE),
    # Not what is wrong with a single tool: then the others would be given up for it.
    "tools": re.compile(
        r"^(?!.*(invalid schema|invalid_function_parameters|tools\[\d))"
        r".*\b(tools?|tool_calls|tool_choice|function call(s|ing)?)\b",
        re.IGNORECASE | re.DOTALL,
    ),
    "image_url": re.compile(
        r"\bimage_url\b|\binput_image\b|\bmmproj\b"
        r"|\b(images?|vision|multi-?modal)\b.{0,80}\b(support|accept|allow)"
        r"|\b(support|accept|allow)\w*\b.{0,80}\b(images?|vision|multi-?modal)\b"
        r"|\bcan only concatenate str \(not .list.\)",  # llama-cpp-python: it knows texts alone
        re.IGNORECASE,
    ),
    "file": re.compile(
        r"""\bfile_data\b|\binput_file\b|(["'`])file\1|\btype:? file\b|\bfile is only supported\b"""
        r"|\b(files?|pdfs?)( (inputs?|parts?|content))? (is|are) not (supported|allowed)\b"
        r"|\bunsupported content",
        re.IGNORECASE,
    ),
    "audio_id": re.compile(r"\baudio\.id\b|\baudio with id\b|\baudio_\w{8,}\b", re.IGNORECASE),
    "audio": re.compile(r"\bmodalit(y|ies)\b|\baudio output\b", re.IGNORECASE),
    "input_audio": re.compile(
        r"\binput_audio\b"
        r"|\baudio\b.{0,80}\b(support|accept|allow)|\b(support|accept|allow)\w*\b.{0,80}\baudio\b",
        re.IGNORECASE,
    ),
    "developer": re.compile(r"\b(developer|roles?)\b", re.IGNORECASE),
}
"""How an error's text names a feature, the surest words first."""

CONTENT_REFUSED = re.compile(
    r"content_policy|safety system|content management policy|usage policy", re.IGNORECASE
)
"""This is about the content of this request, whichever feature the words seem to name."""

CONTENT_BROKEN = re.compile(
    r"could not be (verified|decoded|decrypted|downloaded|found|parsed|processed|read)"
    r"|(failed|unable) to (decode|download|fetch|load|process|read)|error while downloading"
    r"|\b(not|no longer) found\b|\bexpired\b|\bcorrupt"
    r"|\binvalid[_ ](base64|encrypted|image(?!_url))|\bimage_parse_error\b|\bunsupported image\b"
    r"|\bvalid image\b|\binvalid\W+[\w\[\].]*(image_url|file_data|input_audio)"
    r"|\btoo (big|large|long|many|small)\b|\bexceed",
    re.IGNORECASE,
)
"""So is this: another picture, or other thoughts, may be taken.

https://platform.openai.com/docs/api-reference/responses-streaming/response/failed has the codes.
"""

UNSUPPORTED = re.compile(
    r"(?<!contact )support|\bnot (accepted|allowed|available|implemented|permitted)\b"
    r"|\b(un|not )(recognized|known)\b|\bcan only\b",
    re.IGNORECASE,
)
"""An error that is no plain refusal by its status has to say that the feature is none here."""

SHAPES: frozenset[Feature] = frozenset(get_args(ShapeFeature))
"""A request says the same without them."""

FORMALITIES: frozenset[Feature] = SHAPES | frozenset(
    {"developer", "stream_options", "name", "max_completion_tokens", "encrypted_content"}
)
"""An answer is as good without them."""

NEVER_GUESSED: frozenset[Feature] = frozenset({"calls_without_reasoning", "text_with_calls"})
"""What stands in their place is refused by other servers: a field that they don't know, or two
messages of one role.
"""

LOST: frozenset[Feature] = frozenset({"audio_id"})
"""An error names this by the id of what the server has not kept, under any status."""

SERVER_ERROR = 500
"""Some servers put a refusal so, but most mean that they failed just now."""

GUESSING_STATUSES = frozenset({400, 422, SERVER_ERROR})
"""A server that names nothing may mean the form. With 404 and 501 it says what it lacks."""


class FeatureNegotiation:
    """The way of one request to a form that is taken."""

    def __init__(
        self,
        features: Iterable[Feature],
        refused: frozenset[Feature],
        doubtful: Sequence[Feature],
        fallback: frozenset[Feature] = frozenset(),
    ) -> None:
        """`refused` are the features that the server is known to refuse. The `doubtful` ones may be
        the cause of an error that names none, first of all the `fallback`; the others are left out
        only where an error names them.
        """
        self.features = frozenset(features)
        """Those that the request makes use of."""
        self.without = refused
        """What the next attempt leaves out."""
        self.named: frozenset[Feature] = frozenset()
        """What the errors say that the server refuses, in this and in other requests."""
        self.content_refused = False
        """It is this request's content that was refused: nothing is known about other requests."""
        self.guessable = frozenset(doubtful) - refused
        self.fallback = fallback & self.guessable
        self._doubtful = doubtful
        self._guesses: Iterator[frozenset[Feature]] | None = None

    @property
    def guessed_shapes(self) -> frozenset[Feature]:
        """The shapes that the last form leaves out on a guess. Instructions stay apart from what
        people write where they can, so they are none of these.
        """
        if self.content_refused:
            return frozenset()
        return self.without & self.guessable & SHAPES - {"system"}

    def adapt(self, error: ErrorReport) -> bool:
        """Changes the form after a refusal; false if there is no other to try."""
        self.content_refused |= CONTENT_REFUSED.search(error.text) is not None
        if named := self._named(error):
            self.without |= {named}
            if not (self.content_refused or _is_about_content(named, error)):
                self.named |= {named}
            self._guesses = None
            return True
        if error.status not in GUESSING_STATUSES:
            return False
        if self._guesses is None:
            self._guesses = self._all_guesses(passing=error.status == SERVER_ERROR)
        guess = next(self._guesses, None)
        if guess is not None:
            self.without = guess
        return guess is not None

    def _named(self, error: ErrorReport) -> Feature | None:
        left = self.features - self.without
        if error.status in GUESSING_STATUSES and (shape := refused_shape(error.text, left)):
            return shape
        if error.status not in {400, 422} and not UNSUPPORTED.search(error.text):
            left &= FORMALITIES | LOST if error.status == SERVER_ERROR else LOST
        patterns = FEATURE_PATTERNS.items()
        return next((it for it, words in patterns if it in left and words.search(error.text)), None)

    def _all_guesses(self, *, passing: bool) -> Iterator[frozenset[Feature]]:
        """Leaves out what helped last, or else each formality by itself, so that no other is lost;
        all of them together with all shapes; each other feature by itself; and everything.

        For an error that may pass, a request is not robbed of its tools or pictures.
        """
        base = self.without
        left = [each for each in self._doubtful if each not in base | NEVER_GUESSED]
        plain = [each for each in left if each in FORMALITIES]
        content = [] if passing else [each for each in left if each not in FORMALITIES]
        known = self.fallback.intersection(plain + content)
        singles = [] if known else [each for each in plain if each not in SHAPES]
        guesses = [
            known,
            *(frozenset({each}) for each in singles),
            frozenset(plain),
            *(frozenset({each}) for each in content),
            frozenset(plain + content),
        ]
        yield from (base | guess for guess in dict.fromkeys(guesses) if guess)


def _is_about_content(feature: Feature, error: ErrorReport) -> bool:
    return feature not in FORMALITIES - {"encrypted_content"} and bool(
        CONTENT_BROKEN.search(error.text)
    )

"""Finds the form of a request that a server takes.

Not every server that speaks OpenAI's protocol takes all that OpenAI's own does. What it refuses is
left out: what its error names, or, where it names nothing, one feature after the other.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import get_args

from slackbot.llm.openai.error_report import ErrorReport
from slackbot.llm.openai.input_negotiation import InputNegotiation
from slackbot.llm.openai.media import InputKey, MediaFeature
from slackbot.llm.openai.media_errors import BROKEN, MediaProblem, media_problem
from slackbot.llm.openai.message_shapes import ShapeFeature
from slackbot.llm.openai.request import LIMITS, Feature
from slackbot.llm.openai.shape_refusals import refused_shape

Guess = tuple[frozenset[Feature], frozenset[InputKey]]
"""The features and the media that an attempt leaves out."""

MEDIA: frozenset[MediaFeature] = frozenset(get_args(MediaFeature))

FEATURE_PATTERNS: Mapping[Feature, re.Pattern[str]] = {
    "stream_options": re.compile(r"\b(stream_options|include_usage)\b"),
    "max_completion_tokens": re.compile(
        r"\b(max_completion_tokens|max_output_tokens|max_tokens)\b"
    ),
    "max_tokens": re.compile(r"\bmax_tokens\b"),
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
    "audio_id": re.compile(r"\baudio\.id\b|\baudio with id\b|\baudio_\w{8,}\b", re.IGNORECASE),
    "audio": re.compile(r"\bmodalit(y|ies)\b|\baudio output\b", re.IGNORECASE),
    "developer": re.compile(r"\b(developer|roles?)\b", re.IGNORECASE),
}
"""How an error's text names a feature, the surest words first. For media see `media_errors`."""

LIMIT_TOO_LARGE = re.compile(
    r"\bmax_(completion_|output_)?tokens\b.{0,20}\b(is |are )?too (large|high|big)"
    r"|\bat most \d+ (completion|output) tokens"
    r"|\b\d+ (tokens )?in the (completion|output)\b|\b\d+ (completion|output) tokens\b",
    re.IGNORECASE | re.DOTALL,
)
"""The request is right, but its answer may not be so long: vLLM adds both up, as OpenAI's older
models do. https://github.com/vllm-project/vllm/issues/1727
"""

CONTENT_REFUSED = re.compile(
    r"content_policy|safety system|content management policy|usage policy", re.IGNORECASE
)
"""This is about the content of this request, whichever feature the words seem to name."""

UNSUPPORTED = re.compile(
    r"(?<!contact )support|\bnot (accepted|allowed|available|implemented|permitted)\b"
    r"|\b(un|not )(recognized|known)\b|\bcan only\b",
    re.IGNORECASE,
)
"""An error that is no plain refusal by its status has to say that the feature is none here."""

SHAPES: frozenset[Feature] = frozenset(get_args(ShapeFeature))
"""A request says the same without them."""

FORMALITIES: frozenset[Feature] = SHAPES | frozenset(
    {"developer", "stream_options", "name", "encrypted_content", *LIMITS}
)
"""An answer is as good without them."""

LAST_NAMED = frozenset({"developer"})
"""Named by such common words that media are the likelier cause."""

GUESSED_LAST: Feature = "text_with_calls"
"""Two messages of one role stand in its place, which other servers refuse."""

NEVER_GUESSED: frozenset[Feature] = frozenset(
    {"calls_without_reasoning", "max_tokens", GUESSED_LAST}
)
"""Other servers refuse what stands in their place, such as a field that they don't know."""

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
        media: InputNegotiation | None = None,
    ) -> None:
        """`refused` are the features that the server is known to refuse. The `doubtful` ones may be
        the cause of an error that names none, first of all the `fallback`; the others are left out
        only where an error names them. So may each of the request's `media`.
        """
        self.features = frozenset(features)
        """Those that the request makes use of."""
        self.without = refused
        """What the next attempt leaves out."""
        self.media = media or InputNegotiation()
        self.named: frozenset[Feature] = frozenset()
        """What the errors say that the server refuses, in this and in other requests."""
        self.content_refused = False
        """It is this request's content that was refused: nothing is known about other requests."""
        self.repeats_request = False
        """An error has repeated what people wrote, so its words may be theirs: they hold for this
        request alone.
        """
        self.guessable = frozenset(doubtful) - refused - MEDIA
        self.fallback = fallback & self.guessable
        self._doubtful = [each for each in doubtful if each not in MEDIA]
        self._guesses: Iterator[Guess] | None = None
        self._searched: MediaFeature | None = None
        """The kind of media that the guesses are about."""

    @property
    def guessed_shapes(self) -> frozenset[Feature]:
        """The shapes that the last form leaves out on a guess, except for `system`: instructions
        stay apart from what people write where they can.
        """
        if not self.teaches:
            return frozenset()
        return self.without & self.guessable & SHAPES - {"system"}

    @property
    def teaches(self) -> bool:
        """Whether the refusals say anything about other requests."""
        return not (self.content_refused or self.repeats_request)

    def adapt(self, error: ErrorReport, *, repeats_request: bool = False) -> bool:
        """Changes the form after a refusal; false if there is no other to try."""
        self.content_refused |= is_content_refused(error)
        self.repeats_request |= repeats_request
        named = self._named(error)
        problem = media_problem(error, MEDIA & (self.features - self.without))
        if problem is not None and named in (None, *LAST_NAMED):
            return self._adapt_media(problem)
        if named:
            self._leave_out(named, teaches=not _is_about_content(named, error))
            return True
        if error.status not in GUESSING_STATUSES:
            return False
        if self._guesses is None or self._searched is not None:
            self._searched = None
            self._guesses = self._all_guesses(passing=error.status == SERVER_ERROR)
        return self._guess()

    def drop_limit(self, error: ErrorReport) -> bool:
        """Leaves the limit of the answer to the server, if the error says that it is too large."""
        used = LIMITS & (self.features - self.without)
        if not used or not LIMIT_TOO_LARGE.search(error.text):
            return False
        self.without |= used
        self.named |= used
        return True

    def _adapt_media(self, problem: MediaProblem) -> bool:
        if problem.kind == "refused":
            self._leave_out(problem.feature, teaches=True)
            return True
        if problem.kind == "count" and self.media.keep_images(problem.limit):
            self._guesses = self._searched = None
            return True
        if self._guesses is None or self._searched != problem.feature:
            self._searched = problem.feature
            self._guesses = self._input_guesses(problem.feature)
        return self._guess()

    def _leave_out(self, feature: Feature, *, teaches: bool) -> None:
        self.without |= {feature}
        if teaches and self.teaches:
            self.named |= {feature}
        self._guesses = self._searched = None

    def _guess(self) -> bool:
        guess = next(self._guesses or iter(()), None)
        if guess is not None:
            self.without, self.media.omitted = guess
        return guess is not None

    def _named(self, error: ErrorReport) -> Feature | None:
        left = self.features - self.without
        if error.status in GUESSING_STATUSES and (shape := refused_shape(error.text, left)):
            return shape
        if error.status not in {400, 422} and not UNSUPPORTED.search(error.text):
            left &= FORMALITIES | LOST if error.status == SERVER_ERROR else LOST
        patterns = FEATURE_PATTERNS.items()
        return next((it for it, words in patterns if it in left and words.search(error.text)), None)

    def _input_guesses(self, feature: MediaFeature | None) -> Iterator[Guess]:
        base = self.without
        for omitted in self.media.guesses(feature, together=self.content_refused):
            yield base, omitted

    def _all_guesses(self, *, passing: bool) -> Iterator[Guess]:
        """Leaves out what helped last, or else each formality by itself, so that no other is lost;
        all of them together with all shapes; each other feature by itself; all that; each of the
        media; everything; and at last the text next to calls alone.

        For an error that may pass, a request is not robbed of its tools or pictures.
        """
        base, omitted = self.without, self.media.omitted
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
        yield from (
            (base | guess, omitted) for guess in map(_whole, dict.fromkeys(guesses)) if guess
        )
        if passing:
            return
        everything = omitted
        for everything in self.media.guesses(together=self.content_refused):
            yield base, everything
        if left and everything != omitted:
            yield base | _whole(frozenset(plain + content)), everything
        if GUESSED_LAST in self._doubtful and GUESSED_LAST not in base and not self.content_refused:
            yield base | {GUESSED_LAST}, omitted


def _whole(guess: frozenset[Feature]) -> frozenset[Feature]:
    """A guess without any limit: a server that names nothing may mean either name."""
    return guess | LIMITS if "max_completion_tokens" in guess else guess


def is_content_refused(error: ErrorReport) -> bool:
    """Whether what was sent is against the rules of the model's provider."""
    texts = (error.text, *error.codes)
    return any(CONTENT_REFUSED.search(text) for text in texts)


def _is_about_content(feature: Feature, error: ErrorReport) -> bool:
    return feature not in FORMALITIES - {"encrypted_content"} and bool(BROKEN.search(error.text))

"""Finds the form of a request that a server takes.

Not every server that speaks OpenAI's protocol takes all that OpenAI's own does. What it refuses is
left out: what its error names, or, where it names nothing, one feature after the other.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from slackbot.llm.openai.request import Feature

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
        r"|\b(support|accept|allow)\w*\b.{0,80}\b(images?|vision|multi-?modal)\b",
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


class FeatureNegotiation:
    """The way of one request to a form that is taken."""

    def __init__(
        self, features: Iterable[Feature], refused: frozenset[Feature], proven: Collection[Feature]
    ) -> None:
        """`refused` are the features that the server is known to refuse. Those that are not
        `proven` may be the cause of an error that names none; the others are left out only where
        an error names them.
        """
        self.without = refused
        """What the next attempt leaves out."""
        self.content_refused = False
        """It is this request's content that was refused: nothing is known about other requests."""
        self._features = tuple(features)
        self._doubtful = [each for each in self._features if each not in proven]
        self._guesses: Iterator[frozenset[Feature]] | None = None

    def adapt(self, error: str) -> bool:
        """Changes the form after a refusal with this text; false if there is no other to try."""
        self.content_refused = self.content_refused or CONTENT_REFUSED.search(error) is not None
        if named := self._named(error):
            self.without |= {named}
            self._guesses = None
            return True
        if not self._doubtful:
            return False
        if self._guesses is None:
            self._guesses = self._all_guesses()
        guess = next(self._guesses, None)
        if guess is not None:
            self.without = guess
        return guess is not None

    def _named(self, error: str) -> Feature | None:
        left = set(self._features) - self.without
        patterns = FEATURE_PATTERNS.items()
        return next((it for it, words in patterns if it in left and words.search(error)), None)

    def _all_guesses(self) -> Iterator[frozenset[Feature]]:
        """Leaves out each feature by itself, so that no other is lost; then all of them."""
        base = self.without
        left = [feature for feature in self._doubtful if feature not in base]
        yield from (base | {feature} for feature in left)
        if len(left) > 1:
            yield base | set(left)

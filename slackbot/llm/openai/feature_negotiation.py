"""Finding the form of a request that a server takes.

Not every server that speaks OpenAI's protocol takes all that OpenAI's own does. What it refuses is
left out: what its error names, or, where it names nothing, one feature after the other.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from slackbot.llm.openai.chat_request import Feature

NAMED: Mapping[Feature, re.Pattern[str]] = {
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

FORBIDDEN = re.compile(
    r"content_policy|safety system|content management policy|usage policy", re.IGNORECASE
)
"""Said of what is enclosed or written this time, whichever feature the words seem to name."""


class FeatureNegotiation:
    """One request's way to a form that is taken; `without` is what the next attempt leaves out."""

    def __init__(
        self, features: Iterable[Feature], known: frozenset[Feature], proven: Collection[Feature]
    ) -> None:
        """`known` is refused for certain. What is not `proven` may be the reason of a refusal that
        names none; else only what is named is left out.
        """
        self.without = known
        self.once = False
        """What was refused is this request's content: of others nothing is known."""
        self._features = tuple(features)
        self._doubtful = [each for each in self._features if each not in proven]
        self._guesses: Iterator[frozenset[Feature]] | None = None

    def refused(self, text: str) -> bool:
        """Takes in the error of the last attempt; false if there is no other form to try."""
        self.once = self.once or FORBIDDEN.search(text) is not None
        if named := self._named(text):
            self.without |= {named}
            self._guesses = None
            return True
        if not self._doubtful:
            return False
        if self._guesses is None:
            self._guesses = self._attempts()
        guess = next(self._guesses, None)
        if guess is not None:
            self.without = guess
        return guess is not None

    def _named(self, text: str) -> Feature | None:
        left = set(self._features) - self.without
        return next((it for it, words in NAMED.items() if it in left and words.search(text)), None)

    def _attempts(self) -> Iterator[frozenset[Feature]]:
        """Each feature that is left by itself, so that no other is given up; then all of them."""
        base = self.without
        left = [feature for feature in self._doubtful if feature not in base]
        yield from (base | {feature} for feature in left)
        if len(left) > 1:
            yield base | set(left)

"""What an error says about the media of a request: that the model takes none of a kind, that it
can't take one of them, or that there are too many.

Only the first says anything about other requests. So what is not surely about the kind counts as
being about one input: that costs a request more for each, while the opposite mistake would blind
the bot for everybody.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from slackbot.llm.openai.error_report import ErrorReport
from slackbot.llm.openai.media import MediaFeature

_IMAGES = r"(image_url|input_image|images?|pictures?|vision|multi-?modal\w*)"
_FILES = r"(input_file|files?|pdfs?|documents?)"
_AUDIO = r"(input_audio|audio)"
_NOUNS = r"( (inputs?|content|parts?|urls?|messages?|data|modality))*"

_TAKE = r"(support|accept|take|allow|handle)s?"

_START = r"(^|[.:;,!?'\"(\n-] ?|\b(as|that|since|because|but|and|the|model) )"
"""What may stand before the subject: no adjective, as in "animated images are not supported"."""

_DETAILS = (
    r"(?!.{0,60}\b(formats?|sizes?|dimensions?|resolutions?|pixels?|larger|smaller|longer|shorter|"
    r"above|below|animated|encrypted)\b)"
)
"""What must not follow: words about what is wrong with one input."""


def _refusal(media: str, *more: str) -> re.Pattern[str]:
    """How servers say that a model takes no media of this kind at all."""
    not_supported = r"(supported|accepted|allowed|available|abled|enabled|permitted|implemented)"
    unknown = r"(unknown|unsupported|unrecognized|invalid (content|part|type|value))"
    patterns = (
        rf"\b{media}\W{{0,3}} ?(is|are) only (supported|available|allowed)",
        rf"{_START}{media}{_NOUNS} (is|are)( currently)? (not |un|dis){not_supported}\b{_DETAILS}",
        rf"(\b(can)?not|n't) {_TAKE}( any)? {media}{_NOUNS}\b{_DETAILS}",
        rf"\bthat supports? {media}{_NOUNS}\b",
        rf"\b{unknown}( content| part| type| value| variant)*\W{{1,3}}{media}['\"`]",
        *more,
    )
    return re.compile("|".join(patterns), re.IGNORECASE)


REFUSALS: Mapping[MediaFeature, re.Pattern[str]] = {
    "image_url": _refusal(
        _IMAGES,
        r"\bmmproj\b",
        r"\bnot a (multi-?modal|vision)|\btext-only model",
        r"\bmissing data required for image input",
        r"\bonly ['\"`]?text['\"`]? (content|inputs?|messages|is|are)\b",
        r"\ballowed values: \[?['\"]text['\"]\]?$",
        r"\bat most 0 image",
        r"\bcan only concatenate str \(not .list.\)",  # llama-cpp-python: it knows texts alone
    ),
    "file": _refusal(
        _FILES,
        r"\btype:? file\b|\bunsupported content(?! type \w+/)|\bone of \('text', 'file'\)",
    ),
    "input_audio": _refusal(_AUDIO),
}

MENTIONS: Mapping[MediaFeature, re.Pattern[str]] = {
    "image_url": re.compile(
        rf"\b{_IMAGES}\b|\b(invalid_)?image_\w|\bfailed to apply \w*processor"
        r"|\bfactor:\d|\baspect ratio|\bheight ?[:=]? ?\d+",
        re.IGNORECASE,
    ),
    "file": re.compile(
        r"""\bfile_data\b|\binput_file\b|(["'`])file\1|\b(pdfs?|documents?)\b""", re.IGNORECASE
    ),
    "input_audio": re.compile(
        r"\binput_audio\b|\baudio\b|\bfailed to apply \w*processor", re.IGNORECASE
    ),
}
"""How an error names an input of this kind, whatever is wrong with it."""

BROKEN = re.compile(
    r"could not be (verified|decoded|decrypted|downloaded|found|parsed|processed|read)"
    r"|(failed|unable) to (apply \w*processor|decode|download|fetch|load|process|read)\b"
    r"|error while downloading|cannot identify image"
    r"|\b(not|no longer) found\b|\bexpired\b|\bcorrupt"
    r"|\binvalid[_ ](base64|encrypted|image(?!_url))|\bimage_parse_error\b|\bunsupported image\b"
    r"|\bvalid image\b|\binvalid\W+[\w\[\].]*(image_url|file_data|input_audio)"
    r"|\b(larger|smaller) than (factor|the m(in|ax)imum)|\baspect ratio"
    r"|\btoo (big|large|long|many|narrow|short|small)\b|\bexceed",
    re.IGNORECASE,
)
"""What is wrong with one input, or with what else was sent.

https://platform.openai.com/docs/api-reference/responses-streaming/response/failed has the codes.
"""

_LIMIT = re.compile(
    r"(at most|up to|more than|maximum( number)? of|limit of) (?P<a>\d+) images?\b"
    r"|image=(?P<b>\d+) \(or defaulted"
    r"|\btoo many images\b.{0,80}?> ?(?P<c>\d+)"
    r"|\bmax(imum)?( number of)? images( per \w+)?( is|:)? ?(?P<d>\d+)",
    re.IGNORECASE | re.DOTALL,
)
_TOO_MANY = re.compile(r"\btoo many (images|pictures)\b", re.IGNORECASE)

REFUSING_STATUSES = frozenset({400, 415, 422})
"""With these a server says that it does not take the request."""

UNKNOWN_LIMIT = -1


@dataclass(frozen=True, slots=True)
class MediaProblem:
    feature: MediaFeature
    kind: Literal["refused", "input", "count"]
    """The model takes none of these; one of them is wrong; there are too many."""
    limit: int = UNKNOWN_LIMIT
    """How many the server takes, if it says so."""


def media_problem(error: ErrorReport, sent: Collection[MediaFeature]) -> MediaProblem | None:
    """What an error says about the media that were `sent`; None if it says nothing about them."""
    for feature, refusal in REFUSALS.items():
        if feature not in sent:
            continue
        if feature == "image_url" and (problem := _count_problem(error)):
            return problem
        if refusal.search(error.text):
            return MediaProblem(feature, "refused")
    is_refused = error.kind == "reported" or error.status in REFUSING_STATUSES
    if not (is_refused or BROKEN.search(error.text)):
        return None
    named = (feature for feature in MENTIONS if feature in sent and _mentions(feature, error))
    feature_named = next(named, None)
    return MediaProblem(feature_named, "input") if feature_named else None


def _count_problem(error: ErrorReport) -> MediaProblem | None:
    found = _LIMIT.search(error.text)
    if found is not None:
        limit = next(int(number) for number in found.groupdict().values() if number)
        return MediaProblem("image_url", "count" if limit else "refused", limit)
    return MediaProblem("image_url", "count") if _TOO_MANY.search(error.text) else None


def _mentions(feature: MediaFeature, error: ErrorReport) -> bool:
    by_code = feature == "image_url" and any("image" in code for code in error.codes)
    return by_code or MENTIONS[feature].search(error.text) is not None

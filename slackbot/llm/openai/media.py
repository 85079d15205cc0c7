"""Images, documents and recordings in a request, or what is said where a model takes none."""

from base64 import b64encode
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal

from slackbot.attachments.media_parts import AudioContent, ImageContent, MediaPart, PdfContent

MediaFeature = Literal["image_url", "file", "input_audio"]
"""What a server may refuse, as it is called in a chat completion."""

InputKey = tuple[int, int]
"""Recognises the content of a picture, a document or a recording, within this process."""

FEATURES: Mapping[type[MediaPart], MediaFeature] = {
    ImageContent: "image_url",
    PdfContent: "file",
    AudioContent: "input_audio",
}

HIDDEN: Mapping[MediaFeature, str] = {
    "image_url": "(You can't see pictures.)",
    "file": "(You can't see the pages of PDF documents, and they hold no text.)",
    "input_audio": "(You can't hear recordings.)",
}
"""What the model reads in place of media that it does not take."""


OMITTED = "({name} could not be shown to you.)"
"""What the model reads in place of a single one that its server did not take."""


def key_of(media_part: MediaPart) -> InputKey:
    return len(media_part.content), hash(media_part.content)


def name_of(media_part: MediaPart) -> str:
    """For a sentence."""
    name = media_part.extract.name if isinstance(media_part, PdfContent) else media_part.name
    return f"“{name}”" if name else "a file"


def feature_of(media_part: MediaPart) -> MediaFeature:
    return FEATURES[type(media_part)]


def is_hidden(media_part: MediaPart, without: Collection[str]) -> bool:
    """Whether the model is sent nothing of what it holds, not even its text."""
    as_text = isinstance(media_part, PdfContent) and media_part.extract.text
    return feature_of(media_part) in without and not as_text


def sendable(
    text: str, media: Sequence[MediaPart], without: Collection[str]
) -> tuple[str, list[MediaPart]]:
    """A message's text and its media, without those that are refused: of these the text holds what
    can be read, and else says that the model can't see or hear them.
    """
    sent = [each for each in media if feature_of(each) not in without]
    hidden = dict.fromkeys(feature_of(each) for each in media if is_hidden(each, without))
    pdfs = [each for each in media if isinstance(each, PdfContent) and "file" in without]
    texts = [each.extract.quoted for each in pdfs if each.extract.text]
    return "\n".join((text, *texts, *(HIDDEN[feature] for feature in hidden))), sent


def without_inputs(
    text: str, media: Iterable[MediaPart], omitted: Collection[InputKey]
) -> tuple[str, tuple[MediaPart, ...]]:
    """The same without these inputs: the text holds what can be read of them, or names them."""
    media = tuple(media)
    gone = [each for each in media if key_of(each) in omitted]
    lines = [
        each.extract.quoted
        if isinstance(each, PdfContent) and each.extract.text
        else OMITTED.format(name=name_of(each))
        for each in gone
    ]
    return "\n".join((text, *lines)), tuple(each for each in media if each not in gone)


def data_url(content: bytes, mimetype: str) -> str:
    return f"data:{mimetype};base64,{b64encode(content).decode()}"


def filename(pdf: PdfContent) -> str:
    """The API requires one."""
    return pdf.extract.name or "document.pdf"

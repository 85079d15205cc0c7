"""Says what a picture's own header says, without decoding it. Pure."""

from typing import Literal, NamedTuple

_PNG, _PNG_END = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\0\0\0\0IEND\xaeB`\x82"
"""https://www.w3.org/TR/png-3/#5DataRep"""

_JPEG, _JPEG_END = b"\xff\xd8", b"\xff\xd9"

_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Of the segment that has the size: https://www.w3.org/Graphics/JPEG/itu-t81.pdf, table B.1"""


class ImageHeader(NamedTuple):
    mimetype: Literal["image/png", "image/jpeg"]
    width: int
    height: int


def image_header(content: bytes) -> ImageHeader | None:
    """None for what is no whole PNG or JPEG. The sides are in pixels."""
    if content.startswith(_PNG) and content.endswith(_PNG_END):
        return ImageHeader("image/png", _number(content[16:20]), _number(content[20:24]))
    if content.startswith(_JPEG) and content.endswith(_JPEG_END):
        return _jpeg_header(content)
    return None


def _jpeg_header(content: bytes) -> ImageHeader | None:
    at = len(_JPEG)
    while content[at : at + 1] == b"\xff":
        if _number(content[at + 1 : at + 2]) in _FRAME_MARKERS:
            height, width = _number(content[at + 5 : at + 7]), _number(content[at + 7 : at + 9])
            return ImageHeader("image/jpeg", width, height)
        at += 2 + _number(content[at + 2 : at + 4])
    return None


def _number(digits: bytes) -> int:
    return int.from_bytes(digits, "big")

"""Pictures made fit for a model: upright, no larger than it looks at, nothing but the picture.

https://platform.openai.com/docs/guides/images-vision#image-input-requirements
"""

from io import BytesIO
from typing import Any

from PIL import Image, ImageOps
from pillow_heif import register_heif_opener

from slackbot.attachments.extraction.errors import UnreadableFileError
from slackbot.attachments.media_parts import fitting

MOST_MEGAPIXELS = 50
"""What is decoded at all; as three bytes a pixel that is 150 MB."""

JPEG_QUALITY = 88

LARGEST_PNG = 1_500_000
"""Bytes; what is drawn stays sharp as PNG, and photographs come out many times as large."""

SMOOTH = ("L", "RGB", "RGBA")
"""Modes of which pixels can be mixed; palettes can't."""

DEEP = "I;16"
"""The mode of a drawing in 65,536 greys; converted as it is, all but the darkest are white."""

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "HEIF", "AVIF")

register_heif_opener()
Image.MAX_IMAGE_PIXELS = None  # its own limit warns; ours is an error, and has a sentence


def read_picture(content: bytes) -> tuple[dict[str, Any], bytes]:
    """The first frame of a PNG, JPEG, WebP, GIF, HEIC or AVIF. Raises UnreadableError, or whatever
    Pillow does over one that is damaged.
    """
    with Image.open(BytesIO(content), formats=FORMATS) as opened:
        drawn = opened.format in ("PNG", "GIF")
        made = _made(opened)
    mimetype, encoded = _encoded(made, drawn=drawn)
    return {"mimetype": mimetype, "width": made.width, "height": made.height}, encoded


def _made(opened: Image.Image) -> Image.Image:
    # A JPEG is decoded at an eighth of its size as quickly as it is read.
    opened.draft("RGB", (2 * fitting(*opened.size)[0], 2 * fitting(*opened.size)[1]))
    megapixels = opened.width * opened.height // 10**6
    if megapixels > MOST_MEGAPIXELS:
        raise UnreadableFileError("too_many_pixels", megapixels=megapixels, most=MOST_MEGAPIXELS)
    opened.seek(0)
    mode = "RGBA" if opened.has_transparency_data else "RGB"
    # All else is done to the small one: each copy of the large one takes as much memory again.
    shallow = opened.point(lambda grey: grey * (1 / 256)) if opened.mode == DEEP else opened
    image = shallow if shallow.mode in SMOOTH else shallow.convert(mode)
    small = image.resize(fitting(*image.size), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return ImageOps.exif_transpose(small).convert(mode)


def _encoded(image: Image.Image, *, drawn: bool) -> tuple[str, bytes]:
    """Only pixels are written: neither EXIF, nor comments, nor a colour profile."""
    image.info.clear()
    output = BytesIO()
    if drawn or image.mode == "RGBA":
        image.save(output, "PNG", optimize=False, compress_level=6)
        if output.tell() <= LARGEST_PNG:
            return "image/png", output.getvalue()
        output = BytesIO()
    if image.mode == "RGBA":
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    image.convert("RGB").save(output, "JPEG", quality=JPEG_QUALITY)
    return "image/jpeg", output.getvalue()

"""Pictures for a model: upright, as large as it looks at them, and without metadata.

https://platform.openai.com/docs/guides/images-vision#image-input-requirements
"""

from io import BytesIO
from typing import Any

from PIL import AvifImagePlugin, Image, ImageOps
from pillow_heif import options, register_heif_opener

from slackbot.attachments.extraction.errors import UnreadableFileError
from slackbot.attachments.media_parts import enlarge_factor, fit_size, pad_size

MAX_MEGAPIXELS = 50
"""A larger picture is not decoded: at three bytes a pixel this is 150 MB."""

JPEG_QUALITY = 88

MAX_PNG_BYTES = 1_500_000
"""Drawings stay sharp as PNG; photographs would be many times as large as their JPEG."""

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "HEIF", "AVIF")

_RESIZABLE_MODES = ("L", "RGB", "RGBA")
"""Their pixels can be mixed; those of palettes can't."""

_DEEP_GREY = "I;16"
"""65,536 shades of grey. Pillow's own conversion makes all but the darkest white."""

AvifImagePlugin.DEFAULT_MAX_THREADS = options.DECODE_THREADS = 1
# Threads would be no faster, as the CPU time is limited, and the process may start few of them.
register_heif_opener()
Image.MAX_IMAGE_PIXELS = None  # its own limit warns; ours is an error with a sentence


def read_image(content: bytes) -> tuple[dict[str, Any], bytes]:
    """The first frame, encoded, with its `mimetype`, `width` and `height`.

    Raises UnreadableFileError, or any error of Pillow if the file is damaged.
    """
    with Image.open(BytesIO(content), formats=FORMATS) as source:
        is_drawing = source.format in ("PNG", "GIF")
        image = _scaled_upright(source)
    mimetype, encoded = _encode(image, is_drawing=is_drawing)
    return {"mimetype": mimetype, "width": image.width, "height": image.height}, encoded


def _scaled_upright(source: Image.Image) -> Image.Image:
    # A JPEG is decoded at an eighth of its size as quickly as it is read.
    source.draft("RGB", (2 * fit_size(*source.size)[0], 2 * fit_size(*source.size)[1]))
    megapixels = source.width * source.height // 10**6
    if megapixels > MAX_MEGAPIXELS:
        raise UnreadableFileError("too_many_pixels", megapixels=megapixels, limit=MAX_MEGAPIXELS)
    source.seek(0)
    mode = "RGBA" if source.has_transparency_data else "RGB"
    # The rest is done to the small picture: a copy of the large one takes as much memory again.
    is_deep = source.mode == _DEEP_GREY
    shallow = source.point(lambda grey: grey * (1 / 256)) if is_deep else source
    image = shallow if shallow.mode in _RESIZABLE_MODES else shallow.convert(mode)
    small = image.resize(fit_size(*image.size), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return _with_least_size(ImageOps.exif_transpose(small).convert(mode))


def _with_least_size(image: Image.Image) -> Image.Image:
    """A small picture, each pixel of it as a larger square, with a margin if it is narrow."""
    factor = enlarge_factor(*image.size)
    if factor > 1:
        size = image.width * factor, image.height * factor
        image = image.resize(size, Image.Resampling.NEAREST)
    size = pad_size(*image.size)
    if size == image.size:
        return image
    canvas = Image.new(image.mode, size, "white" if image.mode == "RGB" else (0, 0, 0, 0))
    canvas.paste(image, ((size[0] - image.width) // 2, (size[1] - image.height) // 2))
    return canvas


def _encode(image: Image.Image, *, is_drawing: bool) -> tuple[str, bytes]:
    """Writes the pixels only: no EXIF, no comments, no colour profile."""
    image.info.clear()
    output = BytesIO()
    if is_drawing or image.mode == "RGBA":
        image.save(output, "PNG", optimize=False, compress_level=6)
        if output.tell() <= MAX_PNG_BYTES:
            return "image/png", output.getvalue()
        output = BytesIO()
    if image.mode == "RGBA":
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    image.convert("RGB").save(output, "JPEG", quality=JPEG_QUALITY)
    return "image/jpeg", output.getvalue()

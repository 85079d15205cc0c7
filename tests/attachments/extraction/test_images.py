"""Pictures as the workshop makes them, each by a real process."""

import pytest
from PIL import Image

from slackbot.attachments.extraction.sandbox import ExtractionSandbox
from slackbot.attachments.media_parts import MOST_PATCHES, ImageContent, patches
from slackbot.conversation.attachment import Attachment
from slackbot.errors import AttachmentError
from tests import sample_files

CAT = Attachment("F1", "cat.png", "image/png")


async def prepared(content: bytes, name: str = "cat.png") -> ImageContent:
    media_part = await ExtractionSandbox().prepare(Attachment("F1", name), content, 1_000)
    assert isinstance(media_part, ImageContent)
    return media_part


async def refusal(content: bytes, name: str = "cat.png") -> str:
    with pytest.raises(AttachmentError) as caught:
        await prepared(content, name)
    return caught.value.user_message


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "HEIF", "AVIF"])
async def test_kinds(kind: str) -> None:
    """Each kind that people send comes out as one that every model takes, as it looked."""
    picture = await prepared(sample_files.picture(kind))
    assert (picture.width, picture.height) == (64, 32)
    assert sample_files.colours(picture.content) == ("red", "blue")
    with sample_files.opened(picture.content) as image:
        assert image.size == (64, 32)
        assert Image.MIME[image.format or ""] == picture.mimetype


async def test_many_greys() -> None:
    """A drawing in 65,536 greys, as scanners and microscopes make them, keeps its shades."""
    image = Image.new("I;16", (32, 32), 0x4000)
    image.paste(Image.new("I;16", (16, 32), 0xC000), (16, 0))
    with sample_files.opened((await prepared(sample_files.saved(image, "PNG"))).content) as shown:
        shades = [shown.convert("L").getpixel((x, 9)) for x in (2, 30)]
    assert shades == [0x40, 0xC0]


async def test_upright_and_without_metadata() -> None:
    """A photograph is turned as its camera was held, and tells nothing of where that was."""
    original = sample_files.rotated()
    assert b"Secret camera" in original
    picture = await prepared(original)
    assert (picture.width, picture.height) == (64, 32)
    assert sample_files.colours(picture.content) == ("red", "blue")
    with sample_files.opened(picture.content) as image:
        assert not image.getexif()
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert b"Secret" not in picture.content


async def test_scaled_down() -> None:
    """No picture is sent larger than the server would make it."""
    picture = await prepared(sample_files.picture("JPEG", (5_000, 3_000)))
    assert patches(picture.width, picture.height) <= MOST_PATCHES
    assert picture.width / picture.height == pytest.approx(5 / 3, rel=0.01)


async def test_first_frame() -> None:
    """An animation is seen as it begins."""
    picture = await prepared(sample_files.animation())
    assert sample_files.colours(picture.content) == ("red", "red")


async def test_many_megapixels() -> None:
    """400 megapixels of a drawing are refused by their number, without being decoded; a photograph
    that size can be scaled down while it is read.
    """
    sentence = "“map.png” has 400 megapixels, and I look at 50 at the most."
    assert await refusal(sample_files.huge(), "map.png") == sentence
    photograph = sample_files.picture("JPEG", (16_000, 12_000))
    assert sample_files.colours((await prepared(photograph)).content) == ("red", "blue")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
async def test_damaged(share: float) -> None:
    """Part of a picture is none."""
    whole = sample_files.picture(size=(300, 200))
    sentence = "“cat.png” can't be read: it is damaged, or not what its name says."
    assert await refusal(whole[: int(len(whole) * share)]) == sentence


async def test_a_type_that_lies() -> None:
    """What stands in a file counts, not what it is called."""
    assert (await prepared(sample_files.picture("JPEG"), "notes.txt")).mimetype == "image/jpeg"
    program = b"\x7fELF" + bytes(1_000)
    assert await refusal(program) == "“cat.png” is not a kind of file that I can read."

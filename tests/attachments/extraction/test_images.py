import pytest
from PIL import Image

from slackbot.attachments.extraction.sandbox import ExtractionSandbox
from slackbot.attachments.media_parts import MAX_PATCHES, ImageContent, count_patches
from slackbot.conversation.attachment import Attachment
from slackbot.errors import AttachmentError
from tests import sample_files


async def extract(content: bytes, name: str = "cat.png") -> ImageContent:
    image = await ExtractionSandbox().extract(Attachment("F1", name), content, 1_000)
    assert isinstance(image, ImageContent)
    return image


async def refusal(content: bytes, name: str = "cat.png") -> str:
    with pytest.raises(AttachmentError) as caught:
        await extract(content, name)
    return caught.value.user_message


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "HEIF", "AVIF"])
async def test_kinds(kind: str) -> None:
    """A picture in any format becomes one that every model takes, and looks the same."""
    picture = await extract(sample_files.picture(kind))
    assert (picture.width, picture.height) == (64, 32)
    assert sample_files.left_and_right_colours(picture.content) == ("red", "blue")
    with sample_files.open_image(picture.content) as image:
        assert image.size == (64, 32)
        assert Image.MIME[image.format or ""] == picture.mimetype


async def test_deep_grey() -> None:
    """A drawing in 65,536 shades of grey, as scanners make them, keeps its shades."""
    image = Image.new("I;16", (32, 32), 0x4000)
    image.paste(Image.new("I;16", (16, 32), 0xC000), (16, 0))
    with sample_files.open_image(
        (await extract(sample_files.encode_image(image, "PNG"))).content
    ) as shown:
        shades = [shown.convert("L").getpixel((x, 9)) for x in (2, 30)]
    assert shades == [0x40, 0xC0]


async def test_upright_and_without_metadata() -> None:
    """A photograph is turned upright, and its metadata are removed."""
    original = sample_files.rotated_jpeg()
    assert b"Secret camera" in original
    picture = await extract(original)
    assert (picture.width, picture.height) == (64, 32)
    assert sample_files.left_and_right_colours(picture.content) == ("red", "blue")
    with sample_files.open_image(picture.content) as image:
        assert not image.getexif()
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert b"Secret" not in picture.content


async def test_scaled_down() -> None:
    """A picture is scaled down to the size that the server would scale it to."""
    picture = await extract(sample_files.picture("JPEG", (5_000, 3_000)))
    assert count_patches(picture.width, picture.height) <= MAX_PATCHES
    assert picture.width / picture.height == pytest.approx(5 / 3, rel=0.01)


async def test_small_pictures() -> None:
    """An icon is enlarged without being blurred: some servers refuse 8 pixels."""
    picture = await extract(sample_files.picture(size=(8, 8)))
    assert (picture.width, picture.height, picture.name) == (32, 32, "cat.png")
    with sample_files.open_image(picture.content) as image:
        assert image.convert("RGB").getcolors() == [
            (512, sample_files.RED),
            (512, sample_files.BLUE),
        ]


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
async def test_narrow_pictures(mode: str) -> None:
    """A line gets a margin above and below, since some servers refuse what is very narrow."""
    line = Image.new(mode, (3_000, 2), "red")
    picture = await extract(sample_files.encode_image(line, "PNG"))
    assert (picture.width, picture.height) == (3_000, 32)
    with sample_files.open_image(picture.content) as image:
        rows = [image.convert("RGBA").getpixel((9, y)) for y in (0, 14, 15, 16, 17, 31)]
    margin = (255, 255, 255, 255) if mode == "RGB" else (0, 0, 0, 0)
    assert rows == [margin, margin, (255, 0, 0, 255), (255, 0, 0, 255), margin, margin]


async def test_first_frame() -> None:
    """The first frame of an animation is used."""
    picture = await extract(sample_files.animated_gif())
    assert sample_files.left_and_right_colours(picture.content) == ("red", "red")


async def test_too_many_pixels() -> None:
    """A drawing with too many pixels is refused without being decoded; a photograph can be
    scaled down while it is read.
    """
    sentence = "“map.png” has 400 megapixels, and I look at no more than 50."
    assert await refusal(sample_files.huge_png(), "map.png") == sentence
    photograph = sample_files.picture("JPEG", (16_000, 12_000))
    assert sample_files.left_and_right_colours((await extract(photograph)).content) == (
        "red",
        "blue",
    )


@pytest.mark.parametrize("fraction", [0.1, 0.5, 0.9])
async def test_damaged(fraction: float) -> None:
    """Part of a picture is damaged."""
    whole = sample_files.picture(size=(300, 200))
    sentence = "“cat.png” can't be read: it is damaged, or not what its name says."
    assert await refusal(whole[: int(len(whole) * fraction)]) == sentence


async def test_name_that_lies() -> None:
    """A file's content decides what it is, not its name."""
    assert (await extract(sample_files.picture("JPEG"), "notes.txt")).mimetype == "image/jpeg"
    program = b"\x7fELF" + bytes(1_000)
    assert await refusal(program) == "“cat.png” is not a kind of file that I can read."

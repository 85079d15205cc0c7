import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.attachments.extraction.image_headers import image_header
from tests import sample_files


@pytest.mark.parametrize(("kind", "mimetype"), [("PNG", "image/png"), ("JPEG", "image/jpeg")])
def test_size(kind: str, mimetype: str) -> None:
    """A picture's header says its type and its sides."""
    content = sample_files.picture(kind, size=(300, 70))
    assert image_header(content) == (mimetype, 300, 70)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_cut_off(kind: str) -> None:
    """A picture that is cut off anywhere has no header."""
    content = sample_files.picture(kind)
    assert {image_header(content[:end]) for end in range(len(content))} == {None}


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "HEIF"])
def test_other_formats(kind: str) -> None:
    """Only the formats that our reader writes have one."""
    assert image_header(sample_files.picture(kind)) is None


@given(st.binary(max_size=60))
def test_any_jpeg(middle: bytes) -> None:
    """What stands between the marks of a JPEG may be anything."""
    header = image_header(b"\xff\xd8" + middle + b"\xff\xd9")
    assert header is None or header.mimetype == "image/jpeg"

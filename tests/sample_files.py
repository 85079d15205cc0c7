"""Makes real files for the tests, in the formats that people send."""

import array
import math
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import av
from docx import Document
from docx.oxml import parse_xml
from openpyxl import Workbook
from PIL import Image, ImageDraw
from PIL.ExifTags import Base
from pillow_heif import register_heif_opener
from pptx import Presentation
from pptx.util import Inches
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

register_heif_opener()

RED, BLUE = (255, 0, 0), (0, 0, 255)


def picture(kind: str = "PNG", size: tuple[int, int] = (64, 32), **options: Any) -> bytes:
    """Red on its left and blue on its right."""
    image = Image.new("RGB", size, RED)
    ImageDraw.Draw(image).rectangle((size[0] // 2, 0, *size), fill=BLUE)
    return encode_image(image, kind, **options)


def rotated_jpeg() -> bytes:
    """The same as a JPEG from a camera held on its side: red is at the top until it is turned.

    Its metadata name the camera and the place.
    """
    image = Image.new("RGB", (32, 64), RED)
    ImageDraw.Draw(image).rectangle((0, 32, 32, 64), fill=BLUE)
    exif = Image.Exif()
    exif[Base.Orientation] = 8
    exif[Base.Make] = "Secret camera"
    exif.get_ifd(0x8825)[2] = (48.0, 8.0, 14.0)
    return encode_image(image, "JPEG", exif=exif, quality=95)


def animated_gif() -> bytes:
    """A GIF of two frames, red and then blue."""
    first, second = (Image.new("RGB", (16, 16), colour) for colour in (RED, BLUE))
    return encode_image(first, "GIF", save_all=True, append_images=[second])


def huge_png() -> bytes:
    """A small file of 400 megapixels, which would take 1.2 GB of memory."""
    return encode_image(Image.new("L", (20_000, 20_000)), "PNG", compress_level=1)


def pdf(*pages: str, password: str = "") -> bytes:
    """A page for each text, blank if that is empty."""
    output = BytesIO()
    canvas = Canvas(output, encrypt=StandardEncryption(password) if password else None)
    for text in pages:
        canvas.drawString(100, 700, text)
        canvas.showPage()
    canvas.save()
    return output.getvalue()


def docx(*paragraphs: str) -> bytes:
    """The paragraphs, with a table after the first one."""
    document = Document()
    document.add_paragraph(paragraphs[0])
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "left", "right"
    for paragraph in paragraphs[1:]:
        document.add_paragraph(paragraph)
    return _save(document)


def edited_docx() -> bytes:
    """A content control, suggested insertions and deletions, and a text box."""
    document = Document()
    document.add_paragraph("kept")
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    compatible = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'

    def run(text: str) -> str:
        return f"<w:r><w:t>{text}</w:t></w:r>"

    box = f"<w:pict><w:txbxContent><w:p>{run('boxed')}</w:p></w:txbxContent></w:pict>"
    paragraphs = (
        f"<w:sdt {space}><w:sdtContent><w:p>{run('chosen')}</w:p></w:sdtContent></w:sdt>",
        (
            f"<w:p {space}><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr>{run('so')}<w:ins>{run('on')}"
            f"</w:ins><w:r><w:tab/></w:r><w:moveFrom>{run('moved')}</w:moveFrom>"
            "<w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>"
        ),
        (
            f"<w:p {space} {compatible}><w:r><mc:AlternateContent><mc:Choice>{box}</mc:Choice>"
            f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r></w:p>"
        ),
    )
    end = document.element.body[-1]
    for xml in paragraphs:
        end.addprevious(parse_xml(xml))
    return _save(document)


def pptx() -> bytes:
    """One slide with a title, a table and notes."""
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    slide.shapes[0].text_frame.text = "Our plan"
    frame: Any = slide.shapes.add_table(1, 2, *map(Inches, (1, 3, 5, 1)))
    frame.table.cell(0, 0).text, frame.table.cell(0, 1).text = "left", "right"
    notes = slide.notes_slide.notes_text_frame
    assert notes is not None
    notes.text = "Speak slowly"
    return _save(presentation)


def xlsx() -> bytes:
    """Two sheets, the second one empty."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "Sales"
    sheet.append(["city", "sold"])
    sheet.append(["Köln, Rhein", 7])
    workbook.create_sheet("Empty")
    return _save(workbook)


def encrypted_ods() -> bytes:
    """An OpenDocument spreadsheet with encrypted content."""
    output = BytesIO()
    with ZipFile(output, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        entry = '<manifest:file-entry manifest:full-path="content.xml">'
        entry += '<manifest:encryption-data manifest:checksum="x"/></manifest:file-entry>'
        archive.writestr("META-INF/manifest.xml", entry)
        archive.writestr("content.xml", bytes(range(256)))
    return output.getvalue()


def sparse_xlsx() -> bytes:
    """A sheet with its first and its last possible cell filled: 17 billion cells are in between."""
    workbook = Workbook()
    workbook.worksheets[0]["A1"] = 1
    workbook.worksheets[0]["XFD1048576"] = 2
    return _save(workbook)


@cache
def zip_bomb() -> bytes:
    """A Word document of a few hundred kilobytes that unpacks to 300 MB."""
    output = BytesIO()
    with ZipFile(output, "w", ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("word/document.xml", "w") as part:
            for _ in range(300):
                part.write(bytes(10**6))
    return output.getvalue()


AUDIO_CODECS = {
    "ipod": "aac",
    "mp4": "aac",
    "webm": "libopus",
    "mp3": "mp3",
    "wav": "pcm_s16le",
    "ogg": "libopus",
    "flac": "flac",
    "adts": "aac",
}


def recording(
    kind: str = "ipod", seconds: int = 2, *, sound: bool = True, codec: str = ""
) -> bytes:
    """A tone in one of the containers of AUDIO_CODECS; an mp4 has a black picture as well."""
    output = BytesIO()
    with av.open(output, "w", format=kind) as container:
        video = container.add_stream("mpeg4", rate=1) if kind == "mp4" else None
        if isinstance(video, av.VideoStream):
            video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        audio = container.add_stream(codec or AUDIO_CODECS[kind], rate=48_000) if sound else None
        for second in range(seconds):
            if isinstance(video, av.VideoStream):
                picture = av.VideoFrame(64, 64, "yuv420p")
                for plane in picture.planes:
                    plane.update(bytes(plane.buffer_size))
                picture.pts = second
                container.mux(video.encode(picture))
            if isinstance(audio, av.AudioStream):
                container.mux(audio.encode(_tone_frame(second)))
        for stream in (video, audio):
            if isinstance(stream, av.VideoStream | av.AudioStream):
                container.mux(stream.encode(None))
    return output.getvalue()


def hour_long_mp3() -> bytes:
    """An MP3 of an hour, without a header that says how long it is."""
    output = BytesIO()
    bare = {"write_xing": "0", "id3v2_version": "0"}
    with av.open(output, "w", format="mp3", options=bare) as container:
        audio = container.add_stream("mp3", rate=48_000)
        assert isinstance(audio, av.AudioStream)
        audio.bit_rate = 32_000
        for second in range(10):
            container.mux(audio.encode(_tone_frame(second)))
        container.mux(audio.encode(None))
    return output.getvalue() * 360


TONE = array.array("h", (int(8_000 * math.sin(n / 20)) for n in range(48_000))).tobytes()


def _tone_frame(second: int) -> av.AudioFrame:
    """One second of the tone, which starts at `second`."""
    frame = av.AudioFrame(format="s16", layout="mono", samples=48_000)
    frame.planes[0].update(TONE)
    frame.sample_rate, frame.pts = 48_000, second * 48_000
    return frame


def duration_seconds(content: bytes) -> float:
    """How long the sound of a recording is."""
    with av.open(BytesIO(content), "r") as container:
        return sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))


def _save(document: Any) -> bytes:
    output = BytesIO()
    document.save(output)
    return output.getvalue()


def encode_image(image: Image.Image, kind: str, **options: Any) -> bytes:
    output = BytesIO()
    image.save(output, kind, **options)
    return output.getvalue()


@contextmanager
def open_image(content: bytes) -> Iterator[Image.Image]:
    with Image.open(BytesIO(content)) as image:
        yield image


def left_and_right_colours(content: bytes) -> tuple[str, str]:
    """The colours of a picture, `red` or `blue`."""
    with open_image(content) as image:
        rgb = image.convert("RGB")
        row = rgb.height // 2
        return _colour_name(rgb.getpixel((1, row))), _colour_name(
            rgb.getpixel((rgb.width - 2, row))
        )


def _colour_name(pixel: Any) -> str:
    red, _, blue = pixel
    return "red" if red > blue else "blue"

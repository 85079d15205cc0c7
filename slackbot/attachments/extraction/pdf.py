"""The text of PDF documents, page by page."""

from collections.abc import Iterator

import pypdfium2

from slackbot.attachments.extraction.errors import UnreadableFileError

PASSWORD = 4
"""https://pdfium.googlesource.com/pdfium/+/main/public/fpdfview.h - FPDF_ERR_PASSWORD"""


class PdfReader:
    def __init__(self, content: bytes) -> None:
        """Raises UnreadableError."""
        try:
            self._document = pypdfium2.PdfDocument(content)
        except pypdfium2.PdfiumError as err:
            raise UnreadableFileError(
                "encrypted" if err.err_code == PASSWORD else "damaged"
            ) from err
        self.pages = len(self._document)

    def texts(self) -> Iterator[str]:
        """One for each page; a page that is a picture has none."""
        for number in range(self.pages):
            text = self._document[number].get_textpage().get_text_bounded().strip()
            yield text.replace("\r\n", "\n")

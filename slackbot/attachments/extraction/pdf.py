"""The text of PDF documents, page by page."""

from collections.abc import Iterator

import pypdfium2

from slackbot.attachments.extraction.errors import UnreadableFileError

FPDF_ERR_PASSWORD = 4
"""https://pdfium.googlesource.com/pdfium/+/main/public/fpdfview.h"""


class PdfReader:
    """An open document; `pages` is how many it has."""

    def __init__(self, content: bytes) -> None:
        """Raises UnreadableFileError."""
        try:
            self._document = pypdfium2.PdfDocument(content)
        except pypdfium2.PdfiumError as err:
            encrypted = err.err_code == FPDF_ERR_PASSWORD
            raise UnreadableFileError("encrypted" if encrypted else "damaged") from err
        self.pages = len(self._document)

    def page_texts(self) -> Iterator[str]:
        """The text of each page; empty for a page that is a picture."""
        for number in range(self.pages):
            text = self._document[number].get_textpage().get_text_bounded().strip()
            yield text.replace("\r\n", "\n")

    def numbered_pages(self) -> Iterator[str]:
        """The same with the number of each page before its text."""
        for number, text in enumerate(self.page_texts(), 1):
            yield f"[page {number}]\n{text}\n" if text else ""

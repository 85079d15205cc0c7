"""Reads each file in a process of its own, which has little to break.

The libraries that read files are large, mostly written in C, and given whatever people upload.
`__main__` says what their process may do.
"""

import json
import logging
from collections.abc import Sequence

from slackbot.attachments import texts
from slackbot.attachments.extraction.bounded_process import ProcessFailedError, run_bounded
from slackbot.attachments.extraction.errors import UnreadableFileError
from slackbot.attachments.extraction.isolation.limits import CPU_SECONDS, MEMORY_BYTES
from slackbot.attachments.extraction.reader_output import max_output_bytes, prepared_file
from slackbot.attachments.extraction.reader_process import READER, reader_environment
from slackbot.attachments.media_parts import MAX_AUDIO_SECONDS, PreparedFile
from slackbot.conversation.attachment import Attachment
from slackbot.errors import AttachmentError

logger = logging.getLogger(__name__)


class ExtractionSandbox:
    def __init__(
        self,
        *,
        cpu_seconds: int = CPU_SECONDS,
        must_be_isolated: bool = False,
        command: Sequence[str] = READER,
    ) -> None:
        """A process that takes half as long again as `cpu_seconds`, by our clock, is killed.

        With `must_be_isolated`, one that the kernel does not isolate reads nothing.
        """
        self._cpu_seconds = cpu_seconds
        self._must_be_isolated = must_be_isolated
        self._command = command

    async def extract(
        self, attachment: Attachment, content: bytes, max_text_bytes: int
    ) -> PreparedFile:
        """What the model gets of a file, with text of up to `max_text_bytes`.

        Raises AttachmentError.
        """
        request = {
            "mimetype": attachment.mimetype,
            "memory_bytes": MEMORY_BYTES,
            "cpu_seconds": self._cpu_seconds,
            "must_be_isolated": self._must_be_isolated,
            "text_bytes": max_text_bytes,
            "audio_seconds": MAX_AUDIO_SECONDS,
        }
        header = json.dumps(request).encode() + b"\n"
        try:
            output = await run_bounded(
                self._command,
                (header, content),
                environment=reader_environment(),
                max_bytes=max_output_bytes(max_text_bytes),
                timeout_seconds=self._cpu_seconds * 1.5,
            )
        except ProcessFailedError as err:
            logger.warning("Reading a file failed: %s", err)
            output = b""
        try:
            return prepared_file(
                output,
                name=attachment.display_name,
                original=content,
                max_text_bytes=max_text_bytes,
            )
        except UnreadableFileError as err:
            sentence = texts.UNREADABLE[err.reason]
            name = attachment.display_name or "A file"
            raise AttachmentError(sentence.format(name=name, **err.figures), err.reason) from err

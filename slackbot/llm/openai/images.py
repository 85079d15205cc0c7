"""Images drawn by a model.

https://platform.openai.com/docs/api-reference/images/create
"""

from base64 import b64decode
from collections.abc import Mapping
from typing import Any, Literal

from slackbot.errors import ModelError
from slackbot.llm.openai.client import Connection
from slackbot.llm.openai.error_report import ErrorReport, failures
from slackbot.llm.openai.model_errors import model_error
from slackbot.llm.openai.texts import IMAGE_REFUSED, NOT_AN_IMAGE

Shape = Literal["square", "wide", "tall"]

SIZES: Mapping[Shape, Literal["1024x1024", "1536x1024", "1024x1536"]] = {
    "square": "1024x1024",
    "wide": "1536x1024",
    "tall": "1024x1536",
}
"""In pixels; every image model of OpenAI's draws these."""

TIMEOUT_SECONDS = 150.0
"""An image often takes two minutes."""

MAX_BYTES = 20 * 10**6

EXTENSIONS: Mapping[bytes, str] = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"RIFF": "webp"}
"""By the first bytes of an image."""

REFUSAL_CODES = frozenset({"moderation_blocked", "content_policy_violation"})


class ImageModel:
    def __init__(self, connection: Connection, model: str) -> None:
        self._connection = connection
        self._model = model

    async def close(self) -> None:
        await self._connection.close()

    async def draw(self, description: str, shape: Shape) -> tuple[bytes, str]:
        """The image, and the extension of its file's name. Raises ModelError.

        A server that sends a link instead is not followed there.
        """
        client = await self._connection.client()
        # Older models send a link unless they are told not to, newer ones refuse to be.
        format_: dict[str, Any] = {"response_format": "b64_json"} if "dall-e" in self._model else {}
        try:
            response = await client.images.generate(
                model=self._model,
                prompt=description,
                size=SIZES[shape],
                timeout=TIMEOUT_SECONDS,
                **format_,
            )
        except failures() as error:
            report = ErrorReport.of(error)
            if REFUSAL_CODES.intersection(report.codes):
                raise ModelError(IMAGE_REFUSED) from error
            raise model_error(report, self._model) from error
        return _image(response)


def _image(response: object) -> tuple[bytes, str]:
    """Servers send anything, and the client passes it on."""
    images = getattr(response, "data", None)
    data = getattr(images[0], "b64_json", None) if isinstance(images, list) and images else None
    try:
        content = b64decode(data if isinstance(data, str) else "", validate=True)
    except ValueError as err:
        raise ModelError(NOT_AN_IMAGE) from err
    known = (name for start, name in EXTENSIONS.items() if content.startswith(start))
    extension = next(known, None)
    if extension is None or len(content) > MAX_BYTES:
        raise ModelError(NOT_AN_IMAGE)
    return content, extension

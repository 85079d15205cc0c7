"""Pictures that a model draws.

https://platform.openai.com/docs/api-reference/images/create
"""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from typing import Literal

from openai import AsyncOpenAI, Omit

from slackbot.errors import ModelError
from slackbot.llm.openai.audio import model_error
from slackbot.llm.openai.error_report import FAILURES, ErrorReport

Shape = Literal["square", "wide", "tall"]

SIZES: Mapping[Shape, Literal["1024x1024", "1536x1024", "1024x1536"]] = {
    "square": "1024x1024",
    "wide": "1536x1024",
    "tall": "1024x1536",
}
"""In pixels; what every image model of OpenAI's draws."""

SECONDS = 150.0
"""That a picture may take; two minutes are not rare."""

LARGEST = 20 * 10**6
"""Bytes."""

SIGNS: Mapping[bytes, str] = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"RIFF": "webp"}
"""How a picture begins, and what its file's name ends with."""

DECLINED = "The model refuses to draw that: it may break its provider's rules."
NO_PICTURE = "The model's server sent something that is not a picture."

BLOCKED = frozenset({"moderation_blocked", "content_policy_violation"})


class ImageModel:
    """`artist` is the name of the model that draws."""

    def __init__(self, client: AsyncOpenAI, artist: str) -> None:
        self._client = client
        self._artist = artist

    async def close(self) -> None:
        await self._client.close()

    async def draw(self, description: str, shape: Shape) -> tuple[bytes, str]:
        """The picture, and the ending of its file's name. Raises ModelError.

        A server that sends a link instead is not followed there.
        """
        try:
            drawn = await self._client.images.generate(
                model=self._artist,
                prompt=description,
                size=SIZES[shape],
                # Older models send a link unless they are told not to, newer ones refuse to be.
                response_format="b64_json" if "dall-e" in self._artist else Omit(),
                timeout=SECONDS,
            )
        except FAILURES as error:
            report = ErrorReport.of(error)
            if BLOCKED.intersection(report.codes):
                raise ModelError(DECLINED) from error
            raise model_error(report, self._artist) from error
        return _picture(drawn.data[0].b64_json if drawn.data else None)


def _picture(data: str | None) -> tuple[bytes, str]:
    try:
        content = b64decode(data or "", validate=True)
    except NotBase64 as err:
        raise ModelError(NO_PICTURE) from err
    ending = next((name for sign, name in SIGNS.items() if content.startswith(sign)), None)
    if ending is None or len(content) > LARGEST:
        raise ModelError(NO_PICTURE)
    return content, ending

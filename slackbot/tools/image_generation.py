"""The tool that draws pictures into the thread, for a bot that was given a model to draw with."""

import re
from typing import Annotated, Literal, Protocol

from pydantic import Field

from slackbot.conversation.messages import ThreadKey
from slackbot.delivery.speech import FileUploader
from slackbot.errors import ModelError, SlackError, ToolError
from slackbot.llm.tool_calls import Caller
from slackbot.tools.functions import FunctionTool, ToolOptions

Shape = Literal["square", "wide", "tall"]

TIME_LIMIT = 180.0
"""Seconds; two minutes for a picture are not rare."""

LONGEST_DESCRIPTION = 4_000
LONGEST_NAME = 40

NOT_SHOWN = "It was drawn, but could not be put into the thread."
SHOWN = "It was drawn, and people see it in the thread, in the file {name}. Don't link to it."


class ImageGenerator(Protocol):
    async def draw(self, description: str, shape: Shape) -> tuple[bytes, str]:
        """The picture, and the ending of its file's name. Raises ModelError."""


def drawing(generator: ImageGenerator, uploader: FileUploader) -> FunctionTool:
    async def draw_picture(
        caller: Caller,
        description: Annotated[
            str,
            Field(
                description="All that is to be seen, and in which style: nothing else is known to "
                "whoever draws it.",
                min_length=1,
                max_length=LONGEST_DESCRIPTION,
            ),
        ],
        shape: Shape = "square",
    ) -> str:
        """Draws a picture and shows it to everybody in the thread. Only when somebody wants one."""
        try:
            content, ending = await generator.draw(description, shape)
        except ModelError as err:
            raise ToolError(err.user_message) from err
        name = f"{_named(description)}.{ending}"
        thread = ThreadKey(caller.team, caller.channel, caller.thread)
        try:
            await uploader.upload(thread, name, content, description[:LONGEST_NAME])
        except SlackError as err:
            raise ToolError(NOT_SHOWN) from err
        return SHOWN.format(name=name)

    return FunctionTool(draw_picture, ToolOptions(time_limit=TIME_LIMIT))


def _named(description: str) -> str:
    """The beginning of a description, as a file's name."""
    words = re.sub(r"[^\w]+", "-", description[:LONGEST_NAME]).strip("-").lower()
    return words or "picture"

"""The tool that draws pictures into the thread, if the bot has a model for that."""

import re
from typing import Annotated, Literal, Protocol

from pydantic import Field

from slackbot.conversation.messages import ThreadKey
from slackbot.delivery.speech import FileUploader
from slackbot.errors import ModelError, SlackError, ToolError
from slackbot.llm.tool_calls import Caller
from slackbot.markdown.covert_text import show_covert_text
from slackbot.markdown.note_marks import replace_marks
from slackbot.tools import texts
from slackbot.tools.functions import FunctionTool, ToolOptions

Shape = Literal["square", "wide", "tall"]

TIME_LIMIT_SECONDS = 180.0
"""A picture often takes two minutes."""

MAX_PICTURES_PER_ANSWER = 4
"""Each costs as much as hundreds of answers."""

MAX_DESCRIPTION_CHARACTERS = 4_000
MAX_TITLE_CHARACTERS = 40


class ImageGenerator(Protocol):
    async def draw(self, description: str, shape: Shape) -> tuple[bytes, str]:
        """The picture, and its file name's extension. Raises ModelError."""


def image_generation_tool(generator: ImageGenerator, uploader: FileUploader) -> FunctionTool:
    async def draw_picture(
        caller: Caller,
        description: Annotated[
            str,
            Field(
                description="All that the picture shows, and its style. The model that draws it "
                "knows nothing else.",
                min_length=1,
                max_length=MAX_DESCRIPTION_CHARACTERS,
            ),
        ],
        shape: Shape = "square",
    ) -> str:
        """Draws a picture and shows it to everybody in the thread. Only if somebody wants one."""
        try:
            content, extension = await generator.draw(description, shape)
        except ModelError as err:
            raise ToolError(err.user_message) from err
        name = f"{_file_stem(description)}.{extension}"
        thread = ThreadKey(caller.team, caller.channel, caller.thread)
        try:
            await uploader.upload(thread, name, content, _title(description))
        except SlackError as err:
            raise ToolError(texts.IMAGE_NOT_SHOWN) from err
        return texts.IMAGE_SHOWN.format(name=name)

    options = ToolOptions(time_limit=TIME_LIMIT_SECONDS, max_per_answer=MAX_PICTURES_PER_ANSWER)
    return FunctionTool(draw_picture, options)


def _title(description: str) -> str:
    """The beginning of a description in one line, without the bot's own signs."""
    shown = replace_marks(show_covert_text(description[:MAX_TITLE_CHARACTERS]))
    return " ".join(shown.split())


def _file_stem(description: str) -> str:
    """The beginning of a description, in characters that suit a file name."""
    words = re.sub(r"[^\w]+", "-", description[:MAX_TITLE_CHARACTERS]).strip("-").lower()
    return words or "picture"

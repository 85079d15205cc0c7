"""How much of a request the attachments of a conversation may take, and which of them get it.

The same conversation always shares in the same way: the server caches how requests begin.
"""

from collections.abc import Iterable, Mapping

from slackbot.attachments.media_parts import PdfContent, PreparedFile, TextContent
from slackbot.conversation.attachment import FILES_OF_A_MESSAGE, Attachment
from slackbot.conversation.history import Turn

FILES_OF_A_REQUEST = 20
"""The newest files of a thread, so many, are enclosed; the others are described."""

BULK = 10
"""So many are left out at once: the beginning of the requests stays the same for longer."""

SHARE = 0.5
"""What part of a request may be taken by what is enclosed with a turn."""

MOST_PAGES = 50
"""Of a PDF that is looked at; of one with more, the text alone is read."""

MOST_BYTES = 30 * 10**6
"""Of all that a request encloses, which grows by a third on its way. OpenAI takes 50 MB of files:
https://platform.openai.com/docs/guides/pdf-files
"""


def chosen(turns: Iterable[Turn]) -> list[Attachment]:
    """The attachments that are to be enclosed, oldest first."""
    readable = [
        each for turn in turns for said in turn.said for each in said.files[:FILES_OF_A_MESSAGE]
    ]
    spare = max(0, len(readable) - FILES_OF_A_REQUEST)
    return readable[-(-spare // BULK) * BULK :]


def light_enough(prepared: Mapping[str, PreparedFile]) -> Mapping[str, PreparedFile]:
    """What can be sent in one request of all this, oldest first: the newest as it is. Of a PDF that
    is too heavy there is the text, and what has none is left out.
    """
    light: dict[str, PreparedFile] = {}
    room = MOST_BYTES
    for name, it in reversed([*prepared.items()]):
        if isinstance(it, TextContent) or len(it.content) <= room:
            light[name] = it
            room -= 0 if isinstance(it, TextContent) else len(it.content)
        elif isinstance(it, PdfContent):
            light[name] = it.extract
    return light


def shared_out(
    turn: Turn, prepared: Mapping[str, PreparedFile], tokens: float
) -> Mapping[str, PreparedFile]:
    """What is sent of a turn's attachments: they take so many tokens together, those that were sent
    first before the others. A PDF that is too dear to be looked at is read as text, texts are cut,
    and what there is no room for is left out; so is a text in which nothing stands.
    """
    shared: dict[str, PreparedFile] = {}
    for name in (file.id for said in turn.said for file in said.files if file.id in prepared):
        it = prepared[name]
        if isinstance(it, PdfContent) and (it.tokens > tokens or it.pages > MOST_PAGES):
            it = it.extract
        if isinstance(it, TextContent):
            if not it.text.strip():
                continue
            it = it.cut(tokens)
        if name not in shared and (isinstance(it, TextContent) or it.tokens <= tokens):
            shared[name] = it
            tokens -= it.tokens
    return shared

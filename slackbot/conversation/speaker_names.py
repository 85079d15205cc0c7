"""A person's name for the model.

OpenAI's `name` of a message takes ASCII letters, digits, `_` and `-`, at most 64 of them
(https://platform.openai.com/docs/api-reference/chat/create). Display names
such as Jürgen Müller or 王小明 are transliterated, and two people may have the same one.
"""

import re
from collections.abc import Collection
from itertools import count

from anyascii import anyascii

from slackbot.conversation.ids import UserId

MAX_NAME_CHARACTERS = 64


def api_name(display: str, user: UserId, taken: Collection[str]) -> str:
    """Returns a name from the display name or, if nothing is left of that, the user ID.

    It differs from all `taken` names, whatever their case.
    """
    name = _cleaned(display) or _cleaned(user)
    used = {each.casefold() for each in taken}
    if name.casefold() not in used:
        return name
    numbered = (_numbered(name, number) for number in count(2))
    return next(each for each in numbered if each.casefold() not in used)


def _cleaned(name: str) -> str:
    return (
        re.sub(r"[^a-zA-Z0-9-]+", "_", anyascii(name)).strip("_")[:MAX_NAME_CHARACTERS].rstrip("_")
    )


def _numbered(name: str, number: int) -> str:
    suffix = f"_{number}"
    return name[: MAX_NAME_CHARACTERS - len(suffix)].rstrip("_") + suffix

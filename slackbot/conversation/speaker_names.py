"""The name that the model knows a person by.

OpenAI's `name` of a message takes ASCII letters, digits, `_` and `-`, at most 64 of them
(https://platform.openai.com/docs/api-reference/chat/create). People are called Jürgen Müller and
王小明, and two of one thread may be called the same.
"""

import re
from collections.abc import Collection
from itertools import count

from anyascii import anyascii

MAX_NAME_CHARACTERS = 64


def api_name(display: str, user: str, taken: Collection[str]) -> str:
    """A name made of the display name, or of the Slack user id if nothing is left of that one.

    It differs from all that are taken in more than upper and lower case.
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

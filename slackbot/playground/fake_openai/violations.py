"""What the checks of requests share: the pattern of names, and how an invalid value is refused."""

import re

from slackbot.playground.fake_openai.script import Refusal

NAME_PATTERN = re.compile(r"^[a-zA-Z0-9_-]{1,64}$")


def invalid(param: str, problem: str) -> Refusal:
    return Refusal(message=f"Invalid value for '{param}': {problem}", param=param)

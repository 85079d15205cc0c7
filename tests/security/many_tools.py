"""More tools than OpenAI takes, the last of which is dangerous:
`SLACKBOT_TOOLS=tests.security.many_tools`.
"""

from collections import Counter

from slackbot.tools import tool

runs: Counter[str] = Counter()
"""How often each tool has run."""


def _number(number: int) -> None:
    def function() -> int:
        """Returns a number."""
        return number

    function.__name__ = f"number_{number}"
    globals()[function.__name__] = tool(function)


for _each in range(128):
    _number(_each)


@tool(requires_approval=True)
def sink(ship: str) -> str:
    """Sinks a ship."""
    runs["sink"] += 1
    return f"{ship} is gone"

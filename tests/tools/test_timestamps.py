from slackbot.conversation.ids import Ts
from slackbot.tools.timestamps import format_ts


def test_format_ts() -> None:
    """A ts is shown in UTC, without its fraction."""
    assert format_ts(Ts("1700000000.000100")) == "2023-11-14 22:13 UTC"

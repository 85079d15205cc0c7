"""Points in time as the model reads them."""

import pytest

from slackbot.markdown.dates import utc_minute


@pytest.mark.parametrize("seconds", [1764312300, 1764312300.9, "1764312300", "1764312300.123456"])
def test_times(seconds: object) -> None:
    """Slack gives a time as a number, or as a message's ts."""
    assert utc_minute(seconds) == "2025-11-28 06:45 UTC"


@pytest.mark.parametrize("seconds", [None, True, "", "x", "nan", 1e99, "1e400", [], 10**400])
def test_no_times(seconds: object) -> None:
    """Anything else is no time."""
    assert utc_minute(seconds) == ""

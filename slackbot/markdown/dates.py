"""Points in time as the model reads them."""

from datetime import UTC, datetime


def utc_minute(seconds: object) -> str:
    """Returns a time in seconds since the epoch, as "2026-11-28 06:45 UTC"; "" for anything else.

    Slack gives it as a number or as text, such as a message's ts.
    """
    if isinstance(seconds, bool) or not isinstance(seconds, int | float | str):
        return ""
    try:
        return f"{datetime.fromtimestamp(float(seconds), UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        return ""

"""Decides what Slack's report that an app was removed means for what is stored. Pure.

Reports come late, more than once, and in any order: also after a new installation, and before the
token stops working. So only Slack's answer to the token decides, and a report that came too early
is remembered. https://docs.slack.dev/reference/events/app_uninstalled and tokens_revoked
"""

from collections.abc import Collection
from typing import Literal

Report = Literal["app_uninstalled", "tokens_revoked", "team_access_revoked", "nothing"]
"""What Slack has said; "nothing" where the bot looks by itself."""

Standing = Literal["works", "refused", "unknown"]
"""What Slack answers to the installation's token."""

Decision = Literal["keep", "remember", "delete", "ask again"]
"""`remember`: keep everything, and note that a removal was reported."""

REPORT_SECONDS = 3_600
"""How long a report that came before the token stopped working counts. Slack sends an event again
for no longer. https://docs.slack.dev/apis/events-api#retries
"""


REMOVALS: Collection[Report] = ("app_uninstalled", "team_access_revoked")
"""Slack says that the installation is gone, not just its token."""


def decide(report: Report, standing: Standing, *, reported_at: int | None, now: float) -> Decision:
    """`reported_at` is when a removal was reported while the token worked; times are in seconds."""
    if standing == "unknown":
        return "ask again"
    is_removal = report in REMOVALS
    if standing == "works":
        return "remember" if is_removal else "keep"
    return "delete" if is_removal or is_recent(reported_at, now) else "keep"


def is_recent(reported_at: int | None, now: float) -> bool:
    """Returns whether a report still counts."""
    return reported_at is not None and abs(now - reported_at) < REPORT_SECONDS

"""Every sentence on the pages by which people install the app, and about tokens for the log."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a page says."""

    title: str
    text: str
    status: int = 200


INSTALL_TITLE = "Add the assistant to Slack"
INSTALL_TEXT = (
    "Slack asks you for the workspace and shows what the assistant may do there. Then it leads you "
    "back here."
)
INSTALL_BUTTON = "Add to Slack"
INSTALL_AGAIN = "Try again"

INSTALLED = Explanation(
    "Thank you!",
    "The assistant is in your workspace now. Write it a direct message, or invite it to a channel "
    "with /invite and mention it there.",
)
OPEN_SLACK = "Open Slack"
INSTALLED_FOR_ORGANISATION = Explanation(
    "Thank you!",
    "The app is approved for your organisation now. It answers in the workspaces to which you add "
    "it.",
)
ADD_TO_WORKSPACES = "Add it to workspaces"

DENIED = Explanation("Not installed", "You did not agree, so nothing was installed.")
REFUSED_BY_SLACK = Explanation(
    "Not installed",
    "Slack did not install the app. Your workspace may ask an admin to approve it first.",
)
ANOTHER_BROWSER = Explanation(
    "Please begin again",
    "This installation was begun in another browser or window, or not on this site. Begin and "
    "finish it in the same one, and allow cookies.",
    400,
)
STATE_INVALID = Explanation(
    "Please begin again",
    "This page was opened before, or more than ten minutes after the installation was begun.",
    400,
)
CODE_REFUSED = Explanation(
    "Not installed", "Slack did not confirm the installation. Please begin again.", 400
)
SLACK_DOWN = Explanation(
    "Slack does not answer", "Slack can't be reached right now. Please try again in a minute.", 503
)
NOT_STORED = Explanation(
    "Not installed", "The installation could not be stored. Please try again in a minute.", 503
)
STILL_REMOVING = Explanation(
    "Please wait",
    "The data of the last installation is still being deleted. Please try again in a few minutes.",
    503,
)

EXPLANATIONS: Mapping[str, Explanation] = {
    "access_denied": DENIED,
    "invalid_browser": ANOTHER_BROWSER,
    "invalid_state": STATE_INVALID,
    "missing_code": CODE_REFUSED,
    "invalid_code": CODE_REFUSED,
    "slack_down": SLACK_DOWN,
    "not_stored": NOT_STORED,
    "still_removing": STILL_REMOVING,
}
"""By the reason that slack-bolt or `flow` gives."""

# The log

NOT_RENEWED = (
    "The token of {key} can't be renewed (Slack says {code}): it stops working when it expires. "
    "Its admins have to install the app again at /slack/install."
)
LATE_REMOVAL = (
    "Slack reports that the app was removed from %s, and accepts its token: either the report is "
    "late, or the token works for a moment longer"
)
REMOVAL_NOT_CHECKED = (
    "Slack reports that the app was removed from %s, and SLACKBOT_ENCRYPTION_KEY decrypts no token "
    "to check that with. Set the key that does within an hour; if there is none any more, run "
    "`slackbot workspaces remove %s`"
)
NOT_ACCEPTED = (
    "Slack does not accept the token of %s any more: its admins have to install the app again at "
    "/slack/install"
)

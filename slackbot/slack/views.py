"""Modals and Home tabs: the calls that show them. Every method may raise SlackError."""

from functools import partial

from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from slackbot.conversation.ids import UserId
from slackbot.errors import DeliveryError, RateLimitedError, UnreachableError
from slackbot.slack.api_calls import ask, call, passing, retrying

TRIGGER_SECONDS = 3.0
"""How long a trigger is good for:
https://docs.slack.dev/interactivity/handling-user-interaction#modal_responses
"""


USED_TRIGGER_CODES = frozenset({"exchanged_trigger_id", "trigger_exchanged"})
"""https://docs.slack.dev/reference/methods/views.open#errors"""


class SlackViews:
    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def open(self, trigger: str, view: View) -> None:
        """Opens a modal; its trigger is good for TRIGGER_SECONDS.

        https://docs.slack.dev/reference/methods/views.open
        """
        may_be_open = False

        async def attempt() -> None:
            nonlocal may_be_open
            show = self._client.views_open(trigger_id=trigger, view=view)
            try:
                await call("views.open", show, max_wait=TRIGGER_SECONDS)
            except UnreachableError as err:
                may_be_open = may_be_open or err.sent
                raise
            except DeliveryError as err:
                if not (may_be_open and err.code in USED_TRIGGER_CODES):
                    raise

        await retrying(_soon, attempt)

    async def update(self, view_id: str, view: View, *, if_hash: str | None) -> str:
        """Replaces the content of a modal; returns the new hash. With `if_hash` Slack refuses if
        the modal has changed since it had that hash.

        https://docs.slack.dev/reference/methods/views.update
        """
        known = if_hash

        async def attempt() -> AsyncSlackResponse:
            nonlocal known
            show = self._client.views_update(view_id=view_id, view=view, hash=known)
            try:
                return await call("views.update", show)
            except UnreachableError as err:
                known = None if err.sent else known  # the modal may have changed already
                raise

        answer = await retrying(passing, attempt)
        return str(answer["view"].get("hash"))

    async def publish(self, user: UserId, view: View) -> None:
        """Shows a Home tab to a person.

        https://docs.slack.dev/reference/methods/views.publish
        """
        show = partial(self._client.views_publish, user_id=user, view=view)
        await ask("views.publish", show)


def _soon(err: Exception) -> bool | float:
    """Whether another attempt comes before the trigger expires."""
    if isinstance(err, RateLimitedError) and err.retry_after >= TRIGGER_SECONDS:
        return False
    return passing(err)

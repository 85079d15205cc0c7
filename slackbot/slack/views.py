"""Modals and Home tabs: the calls that show them. Every method may raise SlackError."""

from collections.abc import Awaitable
from functools import partial

from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from slackbot.conversation.ids import UserId
from slackbot.errors import DeliveryError
from slackbot.slack.api_calls import ask

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
        attempts: list[Awaitable[AsyncSlackResponse]] = []

        def show() -> Awaitable[AsyncSlackResponse]:
            attempts.append(self._client.views_open(trigger_id=trigger, view=view))
            return attempts[-1]

        try:
            await ask("views.open", show, max_wait=TRIGGER_SECONDS)
        except DeliveryError as err:
            if err.code not in USED_TRIGGER_CODES or len(attempts) == 1:
                raise  # otherwise an attempt without an answer has opened it

    async def update(self, view_id: str, view: View, *, if_hash: str | None) -> str:
        """Replaces the content of a modal; returns the new hash. With `if_hash` Slack refuses if
        the modal has changed since it had that hash.

        https://docs.slack.dev/reference/methods/views.update
        """
        hashes = iter((if_hash,))  # an attempt without an answer may have changed it

        def show() -> Awaitable[AsyncSlackResponse]:
            known = next(hashes, None)
            return self._client.views_update(view_id=view_id, view=view, hash=known)

        answer = await ask("views.update", show)
        return str(answer["view"].get("hash"))

    async def publish(self, user: UserId, view: View) -> None:
        """Shows a Home tab to a person.

        https://docs.slack.dev/reference/methods/views.publish
        """
        show = partial(self._client.views_publish, user_id=user, view=view)
        await ask("views.publish", show)

"""Modals and Home tabs: the calls that show them. Every method may raise SlackError."""

from functools import partial

from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.conversation.ids import UserId
from slackbot.slack.api_calls import ask, call

TRIGGER_SECONDS = 3.0
"""How long a trigger is good for:
https://docs.slack.dev/interactivity/handling-user-interaction#modal_responses
"""


class SlackViews:
    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def open(self, trigger: str, view: View) -> None:
        """Opens a modal; its trigger is good for TRIGGER_SECONDS.

        https://docs.slack.dev/reference/methods/views.open
        """
        await call(
            "views.open",
            self._client.views_open(trigger_id=trigger, view=view),
            max_wait=TRIGGER_SECONDS,
        )

    async def update(self, view_id: str, view: View, *, if_hash: str | None) -> str:
        """Replaces the content of a modal; returns the new hash. With `if_hash` Slack refuses if
        the modal has changed since it had that hash.

        https://docs.slack.dev/reference/methods/views.update
        """
        show = partial(self._client.views_update, view_id=view_id, view=view, hash=if_hash)
        answer = await ask("views.update", show)
        return str((answer["view"] or {}).get("hash"))

    async def publish(self, user: UserId, view: View) -> None:
        """Shows a Home tab to a person.

        https://docs.slack.dev/reference/methods/views.publish
        """
        show = partial(self._client.views_publish, user_id=user, view=view)
        await ask("views.publish", show)

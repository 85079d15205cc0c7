"""Where the bot shows more than messages: modals, the Home tab, the prompts beside a conversation.

Every method may raise SlackError.
"""

from functools import partial

from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.slack.api_calls import ask, call

PROMPT_TITLE = 75
"""Characters of a suggested prompt that stand on its button."""


class Surfaces:
    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def open(self, trigger: str, view: View) -> None:
        """https://docs.slack.dev/reference/methods/views.open - a trigger lives 3 s."""
        await call("views.open", self._client.views_open(trigger_id=trigger, view=view))

    async def update(self, view_id: str, view: View, *, seen: str | None) -> str:
        """Shows another content in a modal; gives the hash of that. `seen` is the one that it must
        still show, or None.

        https://docs.slack.dev/reference/methods/views.update
        """
        show = partial(self._client.views_update, view_id=view_id, view=view, hash=seen)
        answer = await ask("views.update", show)
        return str((answer["view"] or {}).get("hash"))

    async def publish(self, user: str, view: View) -> None:
        """https://docs.slack.dev/reference/methods/views.publish"""
        show = partial(self._client.views_publish, user_id=user, view=view)
        await ask("views.publish", show)

    async def suggest(self, channel: str, prompts: tuple[str, ...]) -> None:
        """https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts

        Without a thread they are those of the Messages tab.
        """
        shown = [{"title": _title(prompt), "message": prompt} for prompt in prompts]
        await call(
            "assistant.threads.setSuggestedPrompts",
            self._client.assistant_threads_setSuggestedPrompts(channel_id=channel, prompts=shown),
        )

    async def tell(self, channel: str, text: str) -> None:
        """Says something to a channel, beside all conversations."""
        await call(
            "chat.postMessage",
            self._client.chat_postMessage(channel=channel, text=text, unfurl_links=False),
        )


def _title(prompt: str) -> str:
    line = " ".join(prompt.split())
    return line if len(line) <= PROMPT_TITLE else f"{line[: PROMPT_TITLE - 1]}…"

"""Writes messages to Slack and reads threads: everything that a conversation needs."""

from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from slackbot.conversation.controls import Controls
from slackbot.conversation.ids import ChannelId, Ts, UserId
from slackbot.conversation.messages import Message, ThreadKey
from slackbot.delivery.annotations import Task
from slackbot.delivery.reply_transport import MessageContent, ReplyMessageId, SessionStatus
from slackbot.errors import DeliveryError, SlackError
from slackbot.slack.api_calls import DECORATION_WAIT_SECONDS, ask, call
from slackbot.slack.buttons import blocks
from slackbot.slack.events import author_of, message_from
from slackbot.slack.identity import Identity
from slackbot.slack.users import SlackUsers

REPLY_EVENT_TYPE = "slackbot_reply"
"""The event type in the metadata of our replies, by which they are found again."""

NOTE_EVENT_TYPE = "slackbot_note"
"""That of other posts to a channel, so that none is taken for an open stream, which has no type."""

PAGE_SIZE = 200
"""Slack recommends to ask for no more messages of a thread at once."""

MAX_PROMPT_TITLE_CHARS = 75
"""Of a suggested prompt on its button."""


class SlackMessenger:
    def __init__(self, client: AsyncWebClient, me: Identity, users: SlackUsers) -> None:
        self._client = client
        self._me = me
        self._users = users

    async def post(
        self, thread: ThreadKey, content: MessageContent, message_id: ReplyMessageId
    ) -> Ts:
        """https://docs.slack.dev/reference/methods/chat.postMessage

        Slack unfurls no links, so that nothing the model writes makes it fetch a page.
        """
        answer = await call(
            "chat.postMessage",
            self._client.chat_postMessage(
                channel=thread.channel,
                thread_ts=thread.ts,
                **_content(content),
                metadata=_metadata(message_id),
                unfurl_links=False,
                unfurl_media=False,
            ),
        )
        ts = Ts(str(answer["ts"]))
        if not (answer["message"] or {}).get("thread_ts"):
            await self._take_back(thread, ts)
        return ts

    async def _take_back(self, thread: ThreadKey, ts: Ts) -> None:
        """Slack posts to the channel instead if somebody has deleted the whole thread.

        https://github.com/slackapi/python-slack-events-api/issues/87
        """
        look = partial(
            self._client.conversations_replies, channel=thread.channel, ts=thread.ts, limit=1
        )
        try:
            await ask("conversations.replies", look)
        except DeliveryError as err:
            if err.code != "thread_not_found":
                return
            with suppress(SlackError):
                await self.delete(thread, ts)
            raise

    async def edit(
        self, thread: ThreadKey, ts: Ts, content: MessageContent, message_id: ReplyMessageId
    ) -> None:
        """https://docs.slack.dev/reference/methods/chat.update

        Every edit names the message, as one that began as a stream has no name yet.
        """
        await call(
            "chat.update",
            self._client.chat_update(
                channel=thread.channel, ts=ts, metadata=_metadata(message_id), **_content(content)
            ),
        )

    async def delete(self, thread: ThreadKey, ts: Ts) -> None:
        """https://docs.slack.dev/reference/methods/chat.delete"""
        await call("chat.delete", self._client.chat_delete(channel=thread.channel, ts=ts))

    async def find_messages(
        self, thread: ThreadKey, key: str, *, include_open_stream: bool
    ) -> dict[int, Ts]:
        """Finds replies by their metadata, which a stream gets when it ends.

        Others can forge metadata, so only the bot's own messages count. Files are no replies.
        """
        found: dict[int, Ts] = {}
        for entry in await self._replies_or_posts(thread):
            if author_of(entry, self._me) != "me" or entry.get("files"):
                continue
            metadata = entry.get("metadata") or {}
            payload = metadata.get("event_payload") or {}
            if metadata.get("event_type") == REPLY_EVENT_TYPE and payload.get("key") == key:
                found[int(payload["number"])] = Ts(str(entry["ts"]))
            elif include_open_stream and not metadata and str(entry["ts"]) > key:
                found[len(found)] = Ts(str(entry["ts"]))
        return found

    async def start_stream(
        self, thread: ThreadKey, recipient: UserId, markdown: str, tasks: Sequence[Task]
    ) -> Ts:
        """https://docs.slack.dev/reference/methods/chat.startStream"""
        answer = await call(
            "chat.startStream",
            self._client.chat_startStream(
                channel=thread.channel,
                thread_ts=thread.ts,
                recipient_user_id=recipient,
                recipient_team_id=thread.team,
                **_streamed(markdown, tasks),
            ),
        )
        return Ts(str(answer["ts"]))

    async def append_stream(
        self, thread: ThreadKey, ts: Ts, markdown: str, tasks: Sequence[Task]
    ) -> None:
        """https://docs.slack.dev/reference/methods/chat.appendStream"""
        await call(
            "chat.appendStream",
            self._client.chat_appendStream(
                channel=thread.channel, ts=ts, **_streamed(markdown, tasks)
            ),
        )

    async def stop_stream(
        self,
        thread: ThreadKey,
        ts: Ts,
        markdown: str,
        *,
        tasks: Sequence[Task],
        controls: Controls,
        message_id: ReplyMessageId,
        session_status: SessionStatus,
    ) -> None:
        """https://docs.slack.dev/reference/methods/chat.stopStream

        Only this answer says whether the stream stands in its thread.
        """
        answer = await call(
            "chat.stopStream",
            self._client.chat_stopStream(
                channel=thread.channel,
                ts=ts,
                blocks=blocks(controls) or None,
                metadata=_metadata(message_id),
                session_status=session_status,
                **_streamed(markdown, tasks),
            ),
        )
        if not (answer["message"] or {}).get("thread_ts"):
            await self._take_back(thread, ts)

    async def set_session_status(self, thread: ThreadKey, status: SessionStatus) -> None:
        """https://docs.slack.dev/reference/methods/agents.sessions.setStatus"""
        await call(
            "agents.sessions.setStatus",
            self._client.agents_sessions_setStatus(
                channel_id=thread.channel, thread_ts=thread.ts, status=status
            ),
        )

    async def send_ephemeral(
        self, thread: ThreadKey, user: UserId, sentence: str, *, in_thread: bool
    ) -> None:
        """https://docs.slack.dev/reference/methods/chat.postEphemeral"""
        await call(
            "chat.postEphemeral",
            self._client.chat_postEphemeral(
                channel=thread.channel,
                thread_ts=thread.ts if in_thread else None,
                user=user,
                text=sentence,
            ),
        )

    async def status(self, thread: ThreadKey, text: str) -> None:
        """https://docs.slack.dev/reference/methods/assistant.threads.setStatus"""
        await call(
            "assistant.threads.setStatus",
            self._client.assistant_threads_setStatus(
                channel_id=thread.channel, thread_ts=thread.ts, status=text
            ),
            max_wait=DECORATION_WAIT_SECONDS,
        )

    async def suggest_prompts(self, channel: ChannelId, prompts: Sequence[str]) -> None:
        """Suggests prompts in an empty conversation with the bot.

        https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts
        """
        shown = [{"title": _prompt_title(prompt), "message": prompt} for prompt in prompts]
        await call(
            "assistant.threads.setSuggestedPrompts",
            self._client.assistant_threads_setSuggestedPrompts(channel_id=channel, prompts=shown),
            max_wait=DECORATION_WAIT_SECONDS,
        )

    async def post_note(self, channel: ChannelId, text: str) -> None:
        """Posts a message to a channel that is no reply."""
        await call(
            "chat.postMessage",
            self._client.chat_postMessage(
                channel=channel,
                text=text,
                metadata={"event_type": NOTE_EVENT_TYPE, "event_payload": {}},
                unfurl_links=False,
            ),
        )

    async def display_name(self, user: UserId) -> str | None:
        return await self._users.display_name(user)

    async def history(self, thread: ThreadKey, *, before: Ts, newest: int) -> list[Message]:
        entries = await self._entries(thread, latest=before)
        found = (message_from({**entry, "channel": thread.channel}, self._me) for entry in entries)
        return list(deque((each for each in found if each and each.ts < before), newest))

    async def _replies_or_posts(self, thread: ThreadKey) -> list[dict[str, Any]]:
        """The messages where a reply of ours may stand: the thread's, with their metadata.

        What was posted to a thread that was deleted just then stands in the channel, where nothing
        else of ours is without metadata but a stream that was begun there.
        """
        try:
            return await self._entries(thread, include_all_metadata=True)
        except DeliveryError as err:
            if err.code != "thread_not_found":
                raise
        look = partial(
            self._client.conversations_history,
            channel=thread.channel,
            oldest=thread.ts,
            limit=PAGE_SIZE,
            include_all_metadata=True,
        )
        answer = await ask("conversations.history", look)
        return [*reversed(answer["messages"] or [])]

    async def _entries(self, thread: ThreadKey, **arguments: Any) -> list[dict[str, Any]]:
        """All messages of a thread, oldest first.

        https://docs.slack.dev/reference/methods/conversations.replies
        """
        entries: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            page = partial(
                self._client.conversations_replies,
                channel=thread.channel,
                ts=thread.ts,
                limit=PAGE_SIZE,
                cursor=cursor,
                **arguments,
            )
            answer = await ask("conversations.replies", page)
            entries += answer["messages"] or []
            cursor = (answer["response_metadata"] or {}).get("next_cursor")
            if not cursor:
                return entries


def _content(content: MessageContent) -> dict[str, Any]:
    """https://docs.slack.dev/reference/block-kit/blocks/markdown-block

    Where Slack refuses blocks the message is text alone.
    """
    if content.markdown is None:
        return {"text": content.text, "blocks": []}
    markdown = {"type": "markdown", "text": content.markdown}
    return {"text": content.text, "blocks": [markdown, *blocks(content.controls)]}


def _streamed(markdown: str, tasks: Sequence[Task]) -> dict[str, Any]:
    """https://docs.slack.dev/messaging/sending-and-scheduling-messages#text-streaming

    Always as chunks: a stream that begins with `markdown_text` refuses tasks from then on
    (`streaming_mode_mismatch`).
    """
    text = [{"type": "markdown_text", "text": markdown}] if markdown else []
    updates = [
        {
            "type": "task_update",
            "id": task.id,
            "title": task.title,
            "status": "complete" if task.done else "in_progress",
        }
        for task in tasks
    ]
    return {"chunks": [*text, *updates] or None}


def _prompt_title(prompt: str) -> str:
    line = " ".join(prompt.split())
    if len(line) <= MAX_PROMPT_TITLE_CHARS:
        return line
    return f"{line[: MAX_PROMPT_TITLE_CHARS - 1]}…"


def _metadata(message_id: ReplyMessageId) -> dict[str, Any]:
    return {
        "event_type": REPLY_EVENT_TYPE,
        "event_payload": {"key": message_id.key, "number": message_id.number},
    }

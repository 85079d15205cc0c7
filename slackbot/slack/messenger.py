"""Writes messages to Slack and reads threads: everything that a conversation needs."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from slackbot.conversation.controls import Controls
from slackbot.conversation.ids import ChannelId, Ts, UserId
from slackbot.conversation.messages import Message, ThreadKey
from slackbot.conversation.post_intent import PostIntent
from slackbot.delivery.annotations import Task
from slackbot.delivery.reply_transport import (
    FoundMessage,
    MessageContent,
    ReplyMessageId,
    SessionStatus,
)
from slackbot.errors import DeliveryError, SlackError, UnreachableError
from slackbot.markdown.escaping import break_mentions
from slackbot.slack.api_calls import DECORATION_WAIT_SECONDS, ask, call
from slackbot.slack.buttons import blocks
from slackbot.slack.channel_notes import ChannelNotes
from slackbot.slack.client import WebClient
from slackbot.slack.json_fields import object_in
from slackbot.slack.mention_names import MentionNames
from slackbot.slack.reply_metadata import to_metadata
from slackbot.slack.thread_reader import ThreadReader
from slackbot.slack.users import SlackUsers

MAX_PROMPT_TITLE_CHARS = 75
"""Of a suggested prompt on its button."""


class SlackMessenger:
    def __init__(
        self, client: WebClient, users: SlackUsers, mentions: MentionNames, threads: ThreadReader
    ) -> None:
        self._client = client
        self._notes = ChannelNotes(client)
        self._users = users
        self._mentions = mentions
        self._threads = threads

    async def post(
        self,
        thread: ThreadKey,
        content: MessageContent,
        message_id: ReplyMessageId,
        *,
        in_thread: bool = True,
    ) -> Ts:
        """https://docs.slack.dev/reference/methods/chat.postMessage

        Slack unfurls no links, so that nothing the model writes makes it fetch a page.
        """
        answer = await call(
            "chat.postMessage",
            self._client.chat_postMessage(
                channel=thread.channel,
                thread_ts=thread.ts if in_thread else None,
                **_content(content),
                metadata=to_metadata(message_id),
                unfurl_links=False,
                unfurl_media=False,
            ),
        )
        ts = Ts(str(answer["ts"]))
        if in_thread and not object_in(answer, "message").get("thread_ts"):
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
            await self._withdraw(thread, ts)
            raise

    async def _withdraw(self, thread: ThreadKey, ts: Ts) -> None:
        """Deletes a message that stands in the channel now.

        Raises UnreachableError if that failed and may work later: it is looked for again then.
        """
        try:
            await self.delete(thread, ts)
        except DeliveryError:
            return  # it is gone, or can't be deleted
        except SlackError as err:
            raise UnreachableError(err.method, sent=True) from err

    async def edit(
        self, thread: ThreadKey, ts: Ts, content: MessageContent, message_id: ReplyMessageId
    ) -> None:
        """https://docs.slack.dev/reference/methods/chat.update

        Every edit names the message, as one that began as a stream has no name yet.
        """
        await call(
            "chat.update",
            self._client.chat_update(
                channel=thread.channel, ts=ts, metadata=to_metadata(message_id), **_content(content)
            ),
        )

    async def delete(self, thread: ThreadKey, ts: Ts) -> None:
        """https://docs.slack.dev/reference/methods/chat.delete"""
        await call("chat.delete", self._client.chat_delete(channel=thread.channel, ts=ts))

    async def find_messages(
        self, thread: ThreadKey, intent: PostIntent, *, in_thread: bool = True
    ) -> Sequence[FoundMessage]:
        """What was posted to a thread that was deleted just then is taken back from the channel, as
        in `_take_back`. A stream is taken back when it is stopped.
        """
        if not in_thread:
            return await self._threads.find_in_channel(thread, intent)
        try:
            return await self._threads.find(thread, intent)
        except DeliveryError as err:
            if err.code != "thread_not_found":
                raise
            found = await self._threads.find_in_channel(thread, intent)
            if intent.stream is not None:
                return found
            for each in found:
                await self._withdraw(thread, each.ts)
            raise

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
                metadata=to_metadata(message_id),
                session_status=session_status,
                **_streamed(markdown, tasks),
            ),
        )
        if not object_in(answer, "message").get("thread_ts"):
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
                channel_id=thread.channel, thread_ts=thread.ts, status=break_mentions(text)
            ),
            max_wait=DECORATION_WAIT_SECONDS,
        )

    async def suggest_prompts(self, channel: ChannelId, prompts: Sequence[str]) -> None:
        """Suggests prompts in an empty conversation with the bot.

        https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts
        """
        shown = [{"title": _prompt_title(prompt), "message": prompt} for prompt in prompts]
        suggest = partial(
            self._client.assistant_threads_setSuggestedPrompts, channel_id=channel, prompts=shown
        )
        method = "assistant.threads.setSuggestedPrompts"
        await ask(method, suggest, max_wait=DECORATION_WAIT_SECONDS)

    async def post_note(self, channel: ChannelId, text: str) -> None:
        """Posts a message that is no reply to a channel, or to a person's direct messages."""
        await self._notes.post(channel, text)

    async def display_name(self, user: UserId) -> str | None:
        return await self._users.display_name(user)

    async def is_public(self, channel: ChannelId) -> bool:
        """Whether every member of the workspace sees a channel, as known for at most an hour."""
        return await self._mentions.is_public(channel)

    async def mention_name(
        self, mentioned: str, here: ChannelId, reader: UserId = UserId("")
    ) -> str | None:
        """Guests and people of other organisations read the name of the channel that they are in,
        and no other: Slack shows them those alone. If `reader` is empty, no person asks.
        """
        if reader and mentioned != here and not await self._users.is_among_members(reader):
            return None
        return await self._mentions.name(mentioned, here)

    async def history(self, thread: ThreadKey, *, before: Ts, newest: int) -> list[Message]:
        return await self._threads.newest(thread, before=before, most=newest)


def _content(content: MessageContent) -> dict[str, Any]:
    """https://docs.slack.dev/reference/block-kit/blocks/markdown-block

    Where Slack refuses blocks the message is text alone.
    """
    if content.markdown is None:
        return {"text": content.text, "blocks": []}
    shown = [text for text in (content.markdown, content.question) if text]
    markdown = [{"type": "markdown", "text": text} for text in shown]
    return {"text": content.text, "blocks": [*markdown, *blocks(content.controls)]}


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
            "title": break_mentions(task.title),
            "status": "error" if task.failed else "complete" if task.done else "in_progress",
        }
        for task in tasks
    ]
    return {"chunks": [*text, *updates] or None}


def _prompt_title(prompt: str) -> str:
    line = break_mentions(" ".join(prompt.split()))
    if len(line) <= MAX_PROMPT_TITLE_CHARS:
        return line
    return f"{line[: MAX_PROMPT_TITLE_CHARS - 1]}…"

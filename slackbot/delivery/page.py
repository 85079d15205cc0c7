"""What one message of a reply should show."""

from dataclasses import dataclass
from functools import cached_property

from slackbot.conversation.controls import Confirm, Controls
from slackbot.delivery.annotations import Task
from slackbot.delivery.reply_transport import SessionStatus
from slackbot.markdown.preview import to_preview
from slackbot.markdown.rendering import to_slack, to_slack_stream


@dataclass(frozen=True)
class Page:
    """The content of one message of a reply. Once `closed`, it no longer grows."""

    text: str
    closed: bool
    controls: Controls = "none"
    status_line: str = ""
    """Below the text while tools are used; a stream shows the tasks instead."""
    tasks: tuple[Task, ...] = ()

    @cached_property
    def visible(self) -> str:
        """The Markdown to show now; unfinished Markdown is completed."""
        if self.closed:
            return self.text
        return "\n\n".join(part for part in (self._preview, self.status_line) if part)

    @property
    def above_question(self) -> str:
        """What is visible without the question to approve a tool call."""
        return self._preview

    @property
    def question(self) -> str:
        """The question to approve a tool call; empty if there is none."""
        return self.status_line if self.asks_approval else ""

    @cached_property
    def _preview(self) -> str:
        return to_preview(self.text)

    @property
    def session_status(self) -> SessionStatus:
        """The status of the agent session once the message's stream has ended."""
        return "processing" if self.closed and self.controls == "none" else "active"

    @property
    def asks_approval(self) -> bool:
        """Whether a person has to approve a tool call."""
        return isinstance(self.controls, Confirm)

    @cached_property
    def streamable(self) -> str:
        """The part to send to a stream, where sent text can't be changed."""
        return to_slack(self.text) if self.closed else to_slack_stream(self.text)

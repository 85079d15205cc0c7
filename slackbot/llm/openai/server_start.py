"""Waits for a server that starts, or loads the model, before it answers.

Closing the connection would end the load of a model, and the next request would begin it again. So
a request waits as long as it may, and only a person who stops the answer ends it earlier.
https://github.com/ollama/ollama/issues/4131 shows such loads.
"""

import asyncio
import re
import time

from slackbot.backoff import pause
from slackbot.llm.model import OnStarting
from slackbot.llm.openai.client import Timeouts
from slackbot.llm.openai.error_report import REFUSED_CONNECTION, ErrorReport, failures
from slackbot.llm.openai.request import OpenAIRequest
from slackbot.llm.openai.request_sender import OpenedStream, RequestSender

STARTING_STATUSES = frozenset({425, 429, 502, 503, 504})
"""Servers and the gateways before them say with these that they can't answer yet."""

_STARTING = re.compile(
    r"\bloading (the )?model\b|\bmodel\b.{0,200}\b(is|being) (\w+ )?(loading|loaded)\b"
    r"|\bmodel\b.{0,200}\bnot (yet )?ready\b|\bModelNotReady"
    r"|\b(server|service|engine|endpoint|model)\b.{0,80}\b(is starting|starting up|warming up"
    r"|scaling up|scaled to (0|zero))\b",
    re.IGNORECASE | re.DOTALL,
)
"""llama.cpp: "Loading model"; Hugging Face: "Model … is currently loading"; Bedrock: "Model is not
ready for inference"; Baseten: "Model has started running, but not ready yet"."""


class Wait:
    """For the beginning of one answer."""

    def __init__(
        self, timeouts: Timeouts, on_starting: OnStarting, *, waits_for_port: bool = True
    ) -> None:
        """Without `waits_for_port` it is an error at once that nothing listens there."""
        self.began = time.monotonic()
        self._timeouts = timeouts
        self._on_starting = on_starting
        self._waits_for_port = waits_for_port
        self._told = False

    async def until_open(self, sender: RequestSender, request: OpenAIRequest) -> OpenedStream:
        """Asks a server that is starting again and again, with growing pauses.

        Raises one of the `failures()`: what the server has said last, if it never was ready.
        """
        notice = asyncio.get_running_loop().call_later(self._timeouts.notice, self._tell)
        refusal: Exception | None = None
        attempts = 0
        try:
            async with asyncio.timeout(self._timeouts.first_token):
                while True:
                    try:
                        return await sender.open(request)
                    except failures() as failure:
                        if not self._is_starting(ErrorReport.of(failure)):
                            raise
                        refusal = failure
                    self._tell()
                    attempts += 1
                    await asyncio.sleep(pause(attempts))
        except TimeoutError:
            if refusal is not None:
                raise refusal from refusal.__cause__
            raise
        finally:
            notice.cancel()

    def _is_starting(self, report: ErrorReport) -> bool:
        return is_starting(report) and (
            self._waits_for_port or REFUSED_CONNECTION not in report.codes
        )

    def _tell(self) -> None:
        if not self._told:
            self._told = True
            self._on_starting()


def is_starting(report: ErrorReport) -> bool:
    """Whether the same request works when the server is ready.

    A port at which nothing listens is that of a server that is about to start, such as vLLM's,
    which opens it when the model is loaded.
    """
    if REFUSED_CONNECTION in report.codes:
        return True
    return report.status in STARTING_STATUSES and bool(_STARTING.search(report.text))

"""What goes over the wire: JSON objects, and Slack's way of saying no."""

from typing import Any

Json = dict[str, Any]


class RefusedError(Exception):
    """A Web API call that Slack refuses: answered with status 200, `ok: false` and `error`.

    `details` are the sentences that Slack puts into `response_metadata.messages`; `more` are
    further fields of the answer.
    """

    def __init__(self, error: str, *details: str, **more: str) -> None:
        super().__init__(error, *details)
        self.error = error
        self.details = details
        self.more = more

    @property
    def answer(self) -> Json:
        answer: Json = {"ok": False, "error": self.error, **self.more}
        if self.details:
            answer["errors"] = list(self.details)
            answer["response_metadata"] = {
                "messages": [f"[ERROR] {detail}" for detail in self.details]
            }
        return answer

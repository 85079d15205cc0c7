"""The error with which Slack refuses a call."""

from slackbot.playground.json_types import Json


class RefusedError(Exception):
    """Slack refuses a Web API call: it answers 200 with `ok: false` and `error`.

    `details` are the messages in `response_metadata`, `more` further fields of the answer.
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

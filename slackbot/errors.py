"""Errors whose message a person may read.

The message is one or two sentences. It holds no secret, no address, and no words of a library.
Developers find the cause in the exception that the error was raised `from`, and in the log.
"""

UNEXPECTED = "Something went wrong on my side. Please ask again."
"""For unexpected errors."""

REJECTED = "Slack rejected the request."


class SlackbotError(Exception):
    """Something could not be done; `user_message` can be shown to anyone."""

    def __init__(self, user_message: str) -> None:
        super().__init__(user_message)
        self.user_message = user_message

    @property
    def detail(self) -> str:
        """What went wrong, in a word or two for the log."""
        return type(self.__cause__ or self).__name__


class ConfigError(SlackbotError):
    """A setting is missing or wrong, or does not work. The message begins with its variable."""

    def __init__(self, variable: str, problem: str) -> None:
        super().__init__(f"{variable} {problem}")
        self.variable = variable


class ModelError(SlackbotError):
    """The model did not answer, or its answer broke off."""


class BrokenAnswerError(ModelError):
    """The answer broke off in the middle. Another try may get all of it."""


class ContextOverflowError(ModelError):
    """The request was longer than the model can read. A shorter one may work."""


class InstructionsError(SlackbotError):
    """The instructions can't be changed like this. Nothing was changed."""


class NotAllowedError(InstructionsError):
    """The person can't change these instructions."""


class OutdatedFormError(InstructionsError):
    """A form was opened by another version of the bot, or was forged."""

    def __init__(self) -> None:
        super().__init__(
            "This form is from an older version of me, so I didn't save it. Please open it again."
        )


class UnopenedFormError(SlackbotError):
    """Slack did not open a form: it failed, or more than three seconds had passed.

    https://docs.slack.dev/interactivity/handling-user-interaction#modal_responses
    """

    def __init__(self) -> None:
        super().__init__("Slack didn't open the form. Please try again.")


class UnknownModelError(InstructionsError):
    """The model's server has no model of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The server has no model `{name}`. Choose another one.")


class EditConflictError(InstructionsError):
    """Somebody else changed the settings after the person had seen them."""

    def __init__(self) -> None:
        super().__init__(
            "Somebody else changed the instructions at the same time. Look at their version, then "
            "try again."
        )


class ToolError(SlackbotError):
    """A tool could not do what it was called for. The model reads the message."""


class ToolNotRunError(ToolError):
    """A call could not run, so it had no effect."""


class AttachmentError(SlackbotError):
    """A file can't be read. The message names it; `reason` is a word or two for the log."""

    def __init__(self, user_message: str, reason: str) -> None:
        super().__init__(user_message)
        self.reason = reason


class StoreError(SlackbotError):
    """The database can't be read or written."""


class LostStoreError(StoreError):
    """The database can't be used any more in this process. `reason` is for the log."""

    def __init__(self, user_message: str, reason: str) -> None:
        super().__init__(user_message)
        self.reason = reason


class LostLeaseError(LostStoreError):
    """Another process owns the workspace by now, so this one must not write there."""


class SlackError(SlackbotError):
    """A call of a Slack method failed."""

    def __init__(self, method: str, user_message: str) -> None:
        super().__init__(user_message)
        self.method = method


class DeliveryError(SlackError):
    """Slack refused a call with the error `code`, and would refuse it again."""

    def __init__(self, method: str, code: str, details: str = "") -> None:
        """`details` are Slack's words about what is wrong with the arguments."""
        super().__init__(method, REJECTED)
        self.code = code
        self.details = details

    @property
    def detail(self) -> str:
        return self.code


class RevokedError(DeliveryError):
    """Slack no longer accepts the bot's token. A new token is needed."""


class RateLimitedError(SlackError):
    """Slack refuses calls of this method for `retry_after` seconds.

    https://docs.slack.dev/apis/web-api/rate-limits
    """

    def __init__(self, method: str, retry_after: float) -> None:
        super().__init__(method, "Slack is limiting my requests. Please try again in a moment.")
        self.retry_after = retry_after

    @property
    def detail(self) -> str:
        return f"limited for {self.retry_after:.0f} s"


class ReadLimitError(SlackError):
    """One question has made as many calls to Slack as it may."""

    def __init__(self, method: str) -> None:
        super().__init__(method, "That is more than I can read in Slack for one question.")


class UnreachableError(SlackError):
    """Slack did not answer, or failed with the error `code`. The same call works later.

    `sent` is true if the call may have taken effect all the same.
    """

    def __init__(
        self,
        method: str,
        *,
        sent: bool,
        code: str = "",
        user_message: str = "Slack can't be reached right now.",
    ) -> None:
        super().__init__(method, user_message)
        self.sent = sent
        self.code = code

    @property
    def detail(self) -> str:
        return self.code or super().detail


class UnknownRefusalError(UnreachableError):
    """Slack refused a call with an error `code` that is not listed as final. It may pass."""

    def __init__(self, method: str, code: str) -> None:
        super().__init__(method, sent=True, code=code, user_message=REJECTED)


class ForeignAnswerError(UnreachableError):
    """Something else than Slack's JSON came back, as from a proxy. `code` says what, for the log.

    The call may have taken effect all the same.
    """

    def __init__(self, method: str, what: str) -> None:
        super().__init__(method, sent=True, code=what)

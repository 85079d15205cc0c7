"""Errors that a person may see: each carries one sentence for them, the log gets the rest.

The sentence never holds a secret, an address or a library's own words. What a programmer needs
is in the exception that it was raised `from`.
"""

UNEXPECTED = "Something unexpected went wrong on the bot's side. Please ask again."
"""For what nobody foresaw."""


class SlackbotError(Exception):
    """Something that ends what was under way; `user_message` is safe to show as it is."""

    def __init__(self, user_message: str) -> None:
        super().__init__(user_message)
        self.user_message = user_message


class ConfigError(SlackbotError):
    """A setting is missing or malformed, or what it points at refused us. Names its variable."""

    def __init__(self, variable: str, problem: str) -> None:
        super().__init__(f"{variable} {problem}")
        self.variable = variable


class ModelError(SlackbotError):
    """The model gave no answer, or broke off in the middle of one."""


class BrokenAnswerError(ModelError):
    """The answer broke off in the middle; the same request may get a whole one."""


class ContextOverflowError(ModelError):
    """The request was longer than the model can read; a shorter one may succeed."""


class InstructionsError(SlackbotError):
    """What was asked for can't be done to the instructions; nothing has changed."""


class NotAllowedError(InstructionsError):
    """They are not for this person to change."""


class OutdatedFormError(InstructionsError):
    """A form was opened by another version of the bot, or was forged."""

    def __init__(self) -> None:
        super().__init__(
            "This form is from before the bot was updated. Please open it anew; nothing was "
            "changed."
        )


class UnopenedFormError(SlackbotError):
    """Slack did not show a form: its trigger, which lives for three seconds, or Slack failed."""

    def __init__(self) -> None:
        super().__init__("Slack did not open the form. Please try again.")


class UnknownModelError(InstructionsError):
    """The server has no model of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The model `{name}` is not one of those that the server has: choose another one."
        )


class OvertakenError(InstructionsError):
    """Somebody else changed the instructions after the person had read them."""

    def __init__(self) -> None:
        super().__init__(
            "Somebody else changed them at the same moment: look at them, and try again."
        )


class ToolError(SlackbotError):
    """A tool can't do what it was called for; the model is told the sentence."""


class AttachmentError(SlackbotError):
    """A file can't be read; the sentence names it. `reason` is a word or two for the log."""

    def __init__(self, user_message: str, reason: str) -> None:
        super().__init__(user_message)
        self.reason = reason


class StoreError(SlackbotError):
    """The database could not be read or written."""


class SlackError(SlackbotError):
    """A call of one of Slack's methods failed."""

    def __init__(self, method: str, user_message: str) -> None:
        super().__init__(user_message)
        self.method = method


class DeliveryError(SlackError):
    """Slack refused a call with an error `code`, and trying again will not change that."""

    def __init__(self, method: str, code: str) -> None:
        super().__init__(method, "Slack did not take that from the bot.")
        self.code = code


class RevokedError(DeliveryError):
    """The bot's token is no longer good for anything; another one may be."""


class RateLimitedError(SlackError):
    """Slack refuses this method for `retry_after` seconds.

    https://docs.slack.dev/apis/web-api/rate-limits
    """

    def __init__(self, method: str, retry_after: float) -> None:
        super().__init__(method, "Slack asked the bot to slow down for a moment.")
        self.retry_after = retry_after


class UnreachableError(SlackError):
    """Slack did not answer, or said that it failed; the same call may succeed later.

    `sent` is true when the call may have taken effect all the same.
    """

    def __init__(self, method: str, *, sent: bool) -> None:
        super().__init__(method, "Slack can't be reached at the moment.")
        self.sent = sent

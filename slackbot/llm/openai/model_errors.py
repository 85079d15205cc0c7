"""What can go wrong between us and a model, and the one sentence that the person is told.

The table is read from the top; the first row that fits a report gives the sentence. It starts
with what will not heal by itself, so that nobody is told to wait for it.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from slackbot.errors import BrokenAnswerError, ContextOverflowError, ModelError
from slackbot.llm.openai.error_report import ErrorReport, Kind


@dataclass(frozen=True, slots=True)
class ModelFault:
    """A row fits a report when each of its conditions that is not empty does.

    `codes` and `text` are patterns, and one condition: either is enough.
    """

    sentence: str
    kinds: Collection[Kind] = ()
    statuses: Collection[int] = ()
    codes: str = ""
    text: str = ""
    began: bool | None = None
    error: type[ModelError] = ModelError

    def fits(self, report: ErrorReport, *, began: bool) -> bool:
        return (
            (not self.kinds or report.kind in self.kinds)
            and (not self.statuses or report.status in self.statuses)
            and (not (self.codes or self.text) or self._is_said(report))
            and (self.began is None or self.began == began)
        )

    def _is_said(self, report: ErrorReport) -> bool:
        by_code = self.codes and any(re.fullmatch(self.codes, code) for code in report.codes)
        return bool(by_code or (self.text and re.search(self.text, report.text, re.IGNORECASE)))


TOO_LONG = "That is more than the model can read at once. Please send less text."
NO_CREDIT = "The account that pays for the model has run out of credit. Please tell an admin."
WRONG_KEY = "The model refused this bot's API key. Please tell an admin."
TOO_MANY = "The model has too many requests at the moment. Please try again in a minute."

FORBIDDEN = ModelFault(
    "The model's provider does not allow what was asked or sent: it may break its rules.",
    codes=r"\w+_policy(_violation)?|content_filter|invalid_prompt",
    text="safety system|content management policy|usage policy",
)
"""Refused with a status, this is no reason yet to give up: without a picture it may be allowed.
https://platform.openai.com/docs/api-reference/responses-streaming/response/failed
"""

SPECIFIC = (
    ModelFault(
        TOO_LONG,
        codes="context_length_exceeded|exceed_context_size_error|string_above_max_length",
        text=r"maximum context length|context (window|length|size)|reduce the length"
        r"|(prompt|input|request|messages?) (is |are )?too (long|large)",
        began=False,
        error=ContextOverflowError,
    ),
    ModelFault(TOO_LONG, statuses={413}, error=ContextOverflowError),
    ModelFault(
        NO_CREDIT,
        codes=r"insufficient_quota|credit_balance_exhausted|billing_\w+"
        r"|\w+_(spend|usage)_limit_exceeded",
    ),
    ModelFault(NO_CREDIT, statuses={402}),
    ModelFault(WRONG_KEY, statuses={401}),
    ModelFault(
        WRONG_KEY, codes="invalid_api_key", text=r"(invalid|incorrect) api key|api key not valid"
    ),
    ModelFault(
        "The model “{model}” does not exist, or this bot may not use it. Please tell an admin.",
        statuses={400, 403, 404, 422},
        codes="model_not_found",
        text=r"(invalid|unknown|no such) model|model\b.{0,80}(not found|not exist)",
    ),
    ModelFault(
        "This bot's API key does not allow it to use the model. Please tell an admin.",
        statuses={403},
    ),
    ModelFault(
        "There is no model at the address that this bot asks. Please tell an admin.",
        statuses={404, 405},
    ),
    ModelFault(TOO_MANY, statuses={429}),
    ModelFault(TOO_MANY, codes="rate_limit_exceeded|rate_limit_error"),
    ModelFault(
        "The model did not begin to answer in time. Please try again later.",
        kinds={"timeout"},
        began=False,
    ),
    ModelFault(
        "The model stopped in the middle of its answer and did not go on.",
        kinds={"timeout"},
        error=BrokenAnswerError,
    ),
    ModelFault(
        "The model can't be reached at the moment. Please try again later.",
        kinds={"connection"},
        began=False,
    ),
    ModelFault(
        "The connection to the model broke off in the middle of the answer.",
        kinds={"connection"},
        error=BrokenAnswerError,
    ),
    replace(FORBIDDEN, kinds={"reported"}),
    ModelFault(
        "The model's server reported a problem in the middle of the answer.",
        kinds={"reported"},
        error=BrokenAnswerError,
    ),
    ModelFault(
        "The model's server sent something that is not an answer.",
        kinds={"unreadable"},
        error=BrokenAnswerError,
    ),
)
UNSPECIFIC = (
    FORBIDDEN,
    ModelFault(
        "The model's server has a problem at the moment. Please try again later.",
        statuses=range(500, 600),
    ),
    ModelFault("The model's server did not accept the request. Please tell an admin."),
)
"""What is left for an HTTP status that says nothing about its cause."""


def error_for(report: ErrorReport, model: str, *, began: bool) -> ModelError:
    """The error to raise for a report; `model` is the name that the person may be told.

    `began` is whether some of the answer had arrived.
    """
    row = next(row for row in (*SPECIFIC, *UNSPECIFIC) if row.fits(report, began=began))
    return row.error(row.sentence.format(model=model))


def may_be_the_form(report: ErrorReport) -> bool:
    """Whether the same request may succeed in another form: nothing else is known to be wrong."""
    if re.search(r"\baudio with id\b", report.text, re.IGNORECASE):
        return True  # what it said aloud has expired, whatever status that has
    return report.status in {400, 422, 500} and not any(
        row.fits(report, began=False) for row in SPECIFIC
    )

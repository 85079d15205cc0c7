"""What can go wrong between the bot and a model, and the one sentence that the person reads.

The table is read from the top; the first fault that fits a report gives the sentence. It begins
with what does not pass by itself, so that nobody is told to wait for it.
"""

import logging
import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from slackbot.errors import BrokenAnswerError, ContextOverflowError, ModelError
from slackbot.llm.openai.error_report import ErrorReport, FailureKind
from slackbot.llm.texts import TOO_LONG

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModelFault:
    """It fits a report when each of its conditions does, except those that are empty.

    `codes` and `text` are patterns, and one condition: either is enough.
    """

    sentence: str
    kinds: Collection[FailureKind] = ()
    statuses: Collection[int] = ()
    codes: str = ""
    text: str = ""
    began: bool | None = None
    error: type[ModelError] = ModelError

    def fits(self, report: ErrorReport) -> bool:
        return (
            (not self.kinds or report.kind in self.kinds)
            and (not self.statuses or report.status in self.statuses)
            and (not (self.codes or self.text) or self._is_named(report))
            and (self.began is None or self.began == report.began)
        )

    def _is_named(self, report: ErrorReport) -> bool:
        by_code = self.codes and any(re.fullmatch(self.codes, code) for code in report.codes)
        return bool(by_code or (self.text and re.search(self.text, report.text, re.IGNORECASE)))


NO_CREDIT = "The account that pays for the model has run out of credit. Please tell an admin."
WRONG_KEY = "The model refused this bot's API key. Please tell an admin."
TOO_MANY = "The model has too many requests at the moment. Please try again in a minute."
PROXY_FAILED = (
    "The proxy between this bot and the model does not let it through. Please try again later, or "
    "tell an admin."
)

NO_MODEL_THERE = ModelFault(
    "There is no model at the address that this bot asks. Please tell an admin.",
    statuses={404, 405},
)

FORBIDDEN = ModelFault(
    "The model's provider does not allow what was asked or sent: it may break its rules.",
    codes=r"\w+_policy(_violation)?|content_filter|invalid_prompt",
    text="safety system|content management policy|usage policy",
)
"""Where an HTTP status says so it is not the end yet: without a picture it may be allowed.
https://platform.openai.com/docs/api-reference/responses-streaming/response/failed
"""

KNOWN_FAULTS = (
    ModelFault(
        TOO_LONG,
        codes="context_length_exceeded|exceed_context_size_error|string_above_max_length",
        text=r"maximum context length|context (window|length|size)|reduce the length"
        r"|(prompt|input|request|messages?) (is |are )?too (long|large)",
        began=False,
        error=ContextOverflowError,
    ),
    ModelFault(
        "The model thought about this for so long that its limit was reached before it wrote an "
        "answer. Please ask for less at a time.",
        text=r"max_(completion_|output_)?tokens\b.{0,40}was reached",
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
        codes="model_not_found|DeploymentNotFound",
        text=r"(invalid|unknown|no such) model|model\b.{0,80}(not found|not exist)",
    ),
    ModelFault(
        "This bot's API key does not allow it to use the model. Please tell an admin.",
        statuses={403},
    ),
    NO_MODEL_THERE,
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
        "The certificate of the model's server is not one that this bot trusts. Please tell an "
        "admin.",
        kinds={"certificate"},
    ),
    ModelFault(PROXY_FAILED, kinds={"proxy"}),
    ModelFault(PROXY_FAILED, statuses={407}),
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
OTHER_FAULTS = (
    FORBIDDEN,
    ModelFault(
        "The model's server has a problem at the moment. Please try again later.",
        statuses=range(500, 600),
    ),
    ModelFault("The model's server did not accept the request. Please tell an admin."),
)
"""For an HTTP status that says nothing about its cause."""


def model_error(report: ErrorReport, model: str) -> ModelError:
    """The error to raise for a report, which is logged; the person may read the model's name."""
    logger.warning(
        "No answer from model %s: %s, status %s, code %s, request %s",
        model,
        report.kind,
        report.status,
        "/".join(report.codes) or None,
        report.request_id or None,
    )
    if report.advice:
        logger.warning("%s", report.advice)
    fault = next(fault for fault in (*KNOWN_FAULTS, *OTHER_FAULTS) if fault.fits(report))
    return fault.error(fault.sentence.format(model=model))


def is_wrong_address(report: ErrorReport) -> bool:
    """Whether the server has nothing at the path that was asked for."""
    fault = next((fault for fault in KNOWN_FAULTS if fault.fits(report)), None)
    return fault is NO_MODEL_THERE and report.kind == "refused"


def may_be_the_form(report: ErrorReport) -> bool:
    """Whether the same request may succeed in another form: nothing else is known to be wrong.

    A gateway says with 404 that none of its servers has a feature.
    """
    if report.kind == "refused" and re.search(r"\baudio with id\b", report.text, re.IGNORECASE):
        return True  # what the model said aloud has expired, whichever status says so
    is_refusal = report.status in {400, 404, 415, 422, 500, 501}
    faults = (fault for fault in KNOWN_FAULTS if fault is not NO_MODEL_THERE)
    return is_refusal and not any(fault.fits(report) for fault in faults)

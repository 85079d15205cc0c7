"""How the errors of servers are understood that refuse a feature."""

from typing import get_args

import pytest

from slackbot.llm.openai.error_report import ErrorReport
from slackbot.llm.openai.feature_negotiation import (
    FORMALITIES,
    GUESSED_LAST,
    MEDIA,
    NEVER_GUESSED,
    FeatureNegotiation,
)
from slackbot.llm.openai.input_negotiation import InputNegotiation, SentInput
from slackbot.llm.openai.request import LIMITS, Feature

FEATURES: tuple[Feature, ...] = get_args(Feature)


def refusal(text: str, status: int = 400) -> ErrorReport:
    return ErrorReport("refused", status, text=text)


@pytest.mark.parametrize(
    ("text", "feature"),
    [
        ("Unsupported value: 'messages[0].role' does not support 'developer'", "developer"),
        ("Unexpected message role.", "developer"),
        ("Only user, assistant and system roles are supported!", "developer"),
        ("Unrecognized request argument supplied: stream_options", "stream_options"),
        ("'messages.1' : property 'name' is unsupported", "name"),
        ("Invalid 'messages[1].name': string does not match pattern.", "name"),
        ('json: unknown field "name"', "name"),
        ("messages[1]: unknown field `name`, expected `role` or `content`", "name"),
        ("Extra fields: name", "name"),
        ("property name is not allowed", "name"),
        ("Unsupported parameter: 'max_tokens' is not supported", "max_completion_tokens"),
        ("Could not finish the message because max_tokens was reached", "max_completion_tokens"),
        ("Invalid content type. image_url is only supported by certain models.", "image_url"),
        ("image input is not supported - hint: you may need to provide the mmproj", "image_url"),
        ('can only concatenate str (not "list") to str', "image_url"),
        ("This model does not support image inputs.", "image_url"),
        ("Invalid content type. file is only supported by certain models.", "file"),
        ("Unknown part type: file", "file"),
        ("unsupported content[].type", "file"),
        ("'messages.1.content.1' : one of ('text', 'file') expected", "file"),
        ("Invalid content type. input_audio is only supported by certain models.", "input_audio"),
        ("This model does not support audio input.", "input_audio"),
        ("Audio with ID audio_0123456789 not found.", "audio_id"),
        ("Invalid value for messages[2].audio.id", "audio_id"),
        ("Unknown parameter: 'modalities'.", "audio"),
        ("This model does not support audio output.", "audio"),
        ("tiny is not a multimodal model: multimodal input is not supported", "image_url"),
    ],
)
def test_named_features(text: str, feature: Feature) -> None:
    """The words in which servers have been seen to refuse a feature."""
    form = FeatureNegotiation(FEATURES, frozenset(), doubtful=())
    assert form.adapt(refusal(text))
    assert form.without == {feature}


@pytest.mark.parametrize(
    "text",
    [
        "Invalid model name 'tiny'",
        "The model name is unknown.",
        "Unknown model in parameter model: name one that exists",
        "The file name is too long.",
        "You uploaded an unsupported image. Please make sure your image is valid.",
        '<meta name="viewport">',
        "The developers are on holiday.",
    ],
)
def test_common_words(text: str) -> None:
    """A word that only happens to occur names no feature."""
    form = FeatureNegotiation(FEATURES, frozenset(), doubtful=())
    assert not form.adapt(refusal(text))


@pytest.mark.parametrize(
    ("text", "feature"),
    [
        ("The encrypted content gAAA could not be verified.", "encrypted_content"),
        ("Audio with ID audio_0123456789 not found.", "audio_id"),
        ("Invalid 'tools': array too long. Expected an array of at most 128.", "tools"),
    ],
)
def test_what_is_wrong_with_one_content(text: str, feature: Feature) -> None:
    """It goes without what its error names, and nothing is known about other requests."""
    form = FeatureNegotiation(FEATURES, frozenset(), doubtful=())
    assert form.adapt(refusal(text))
    assert form.without == {feature}
    assert form.named == set()


OLD, NEW, PDF = (
    SentInput((1, 1), "image_url", is_new=False),
    SentInput((2, 2), "image_url", is_new=True),
    SentInput((3, 3), "file", is_new=True),
)


def with_media(*inputs: SentInput, doubtful: tuple[Feature, ...] = ()) -> FeatureNegotiation:
    media = InputNegotiation(inputs)
    return FeatureNegotiation(FEATURES, frozenset(), doubtful, media=media)


@pytest.mark.parametrize(
    ("text", "omitted"),
    [
        ("Invalid 'input[3].content[1].image_url'. Expected a base64 data URL.", NEW),
        ("You uploaded an unsupported image.\nmessages[1].content[1].image_url", NEW),
        ("height:8 and width:8 must be larger than factor:28", NEW),
        ("Unable to process file_data: it is corrupted", PDF),
    ],
)
def test_what_is_wrong_with_one_of_the_media(text: str, omitted: SentInput) -> None:
    """It goes without the newest one of the kind, and the feature stays."""
    form = with_media(OLD, NEW, PDF)
    assert form.adapt(refusal(text))
    assert form.media.omitted == {omitted.key}
    assert form.without == form.named == set()


def test_which_of_the_media_it_was() -> None:
    """One after the other is left out, then all of the kind, and then there is no other form."""
    form = with_media(OLD, NEW, PDF)
    tried = []
    while form.adapt(refusal("Invalid image.")):
        tried.append(form.media.omitted)
    assert tried == [{NEW.key}, {OLD.key}, {OLD.key, NEW.key}]
    assert form.without == set()


def test_media_that_are_refused_altogether() -> None:
    """What the model takes none of is left out by its name, and nothing else with it."""
    form = with_media(OLD, NEW, PDF)
    assert form.adapt(refusal("This model does not support image inputs."))
    assert form.without == form.named == {"image_url"}
    assert form.media.omitted == set()


def test_too_many_images() -> None:
    """The newest ones are kept, as many as the server takes."""
    form = with_media(OLD, NEW, PDF)
    assert form.adapt(refusal("At most 1 image(s) may be provided in one request."))
    assert form.media.omitted == {OLD.key}
    assert form.media.new_limit == 1
    assert form.media.newly_rejected == set()


def test_media_are_the_last_guess() -> None:
    """An error that names nothing is first put down to the form, then to each of the media, then
    to both.
    """
    form = with_media(NEW, PDF, doubtful=("name", "image_url"))
    tried: list[object] = []
    while form.adapt(refusal("Something went wrong.")):
        tried.append((form.without, form.media.omitted))
    both = {NEW.key, PDF.key}
    assert tried == [
        ({"name"}, set()),
        (set(), {PDF.key}),
        (set(), {NEW.key}),
        (set(), both),
        ({"name"}, both),
    ]


def test_what_is_not_allowed_is_sent_once() -> None:
    """Media that a provider does not allow are not sent again one by one."""
    form = with_media(OLD, NEW, PDF)
    tried = []
    while form.adapt(refusal("Rejected by our safety system.")):
        tried.append(form.media.omitted)
    assert tried == [{NEW.key, PDF.key}, {OLD.key, NEW.key, PDF.key}]


def test_speech_that_is_lost() -> None:
    """The id of what the server has not kept names it under every status."""
    for status in (400, 404, 500):
        form = FeatureNegotiation(FEATURES, frozenset(), doubtful=())
        assert form.adapt(refusal("Audio with ID audio_0123456789 not found.", status))
        assert form.without == {"audio_id"}
        assert form.named == set()


@pytest.mark.parametrize(
    ("status", "text", "feature"),
    [
        (404, "No endpoints found that support image input", "image_url"),
        (404, "No endpoints found that support tool use. Try disabling it.", "tools"),
        (501, "Function calling is not implemented", "tools"),
        (500, "image input is not supported - hint: you may need the mmproj", "image_url"),
        (500, 'can only concatenate str (not "list") to str', "image_url"),
        (500, 'Failed to parse messages: Unsupported content part type: "image_url"', "image_url"),
        (500, "Unexpected message role.", "developer"),
    ],
)
def test_refusals_under_other_statuses(status: int, text: str, feature: Feature) -> None:
    """Gateways refuse a feature with 404, and llama.cpp with 500, and both say which."""
    form = FeatureNegotiation(FEATURES, frozenset(), doubtful=())
    assert form.adapt(refusal(text, status))
    assert form.without == form.named == {feature}


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (500, "Error in the tool parser: the tool call has no end"),
        (500, "Out of memory while reading the images: please contact support"),
        (404, "The tool server can't be found"),
        (404, "Not Found"),
        (501, "Oh."),
    ],
)
def test_failures_that_name_a_feature(status: int, text: str) -> None:
    """A server that failed with a feature has not said that it does not have it."""
    form = FeatureNegotiation(FEATURES, frozenset(), doubtful=())
    assert not form.adapt(refusal(text, status))


def test_a_passing_failure_costs_no_content() -> None:
    """On a guess, a failed request is repeated without formalities alone; a refused one also
    without what people sent, and at last without text next to calls.
    """
    guessable = frozenset(FEATURES) - MEDIA - NEVER_GUESSED
    formalities = FORMALITIES - NEVER_GUESSED | {"max_tokens"}
    expected = {500: formalities, 400: guessable | {GUESSED_LAST, "max_tokens"}}
    for status, left_out in expected.items():
        form = FeatureNegotiation(FEATURES, frozenset(), doubtful=FEATURES)
        guessed: set[Feature] = set()
        while form.adapt(refusal("Something went wrong.", status)):
            guessed |= form.without
        assert guessed == left_out
        assert form.named == frozenset()


def test_each_guess_and_then_all() -> None:
    """Each doubtful feature is left out by itself, then all are; there is no other form then."""
    form = FeatureNegotiation(FEATURES, frozenset(), doubtful=("name", "developer"))
    tried = []
    while form.adapt(refusal("Something went wrong.")):
        tried.append(form.without)
    assert tried == [{"name"}, {"developer"}, {"name", "developer"}]


def test_content_that_was_refused_teaches_nothing() -> None:
    """Not even when the same request is refused again, for what seems to be a feature."""
    form = with_media(NEW)
    assert form.adapt(refusal("Rejected by our safety system: image_url"))
    assert form.adapt(refusal("Unrecognized request argument supplied: stream_options"))
    assert form.without == {"stream_options"}
    assert form.media.omitted == {NEW.key}
    assert form.named == set()


def test_shapes_are_guessed_together() -> None:
    """They are left out with all formalities, as few requests should be refused; and before what
    people sent.
    """
    doubtful: tuple[Feature, ...] = ("name", "repeated_roles", "long_call_ids", "tools")
    form = FeatureNegotiation(FEATURES, frozenset(), doubtful)
    tried = []
    while form.adapt(refusal("Something went wrong.")):
        tried.append(form.without)
    assert tried == [
        {"name"},
        {"name", "repeated_roles", "long_call_ids"},
        {"tools"},
        set(doubtful),
    ]


def test_one_guess_is_made_once() -> None:
    """Where one feature alone is doubtful, a form without it is the last one."""
    form = FeatureNegotiation(FEATURES, frozenset(), doubtful=("name",))
    assert form.adapt(refusal("Something went wrong."))
    assert form.without == {"name"}
    assert not form.adapt(refusal("Something went wrong."))


def test_a_guess_keeps_to_what_is_known() -> None:
    """What helped last is left out in addition to what an error has named."""
    form = FeatureNegotiation(
        FEATURES, frozenset(), ("name", "developer"), frozenset({"developer"})
    )
    assert form.adapt(refusal("Unrecognized request argument supplied: stream_options"))
    assert form.adapt(refusal("Something went wrong."))
    assert form.without == {"stream_options", "developer"}


def test_a_plain_refusal_need_not_say_so() -> None:
    """Under 400 and 422 the name of a feature is enough; a 404 has to say that it is none here."""
    for status, named in ((400, True), (422, True), (404, False)):
        form = FeatureNegotiation(FEATURES, frozenset(), doubtful=())
        assert form.adapt(refusal("Please check the role.", status)) == named


def test_what_a_request_does_not_use_is_not_left_out() -> None:
    """A failure that seems to name it changes nothing."""
    form = FeatureNegotiation({"tools"}, frozenset(), doubtful=())
    assert not form.adapt(refusal("Please check the role.", 500))


@pytest.mark.parametrize(
    "text",
    [
        (
            "This model's maximum context length is 8192 tokens. However, you requested 16100 "
            "tokens (100 in the messages, 16000 in the completion). Please reduce the length."
        ),
        (
            "max_tokens is too large: 16000. This model supports at most 4096 completion tokens, "
            "whereas you provided 16000."
        ),
        (
            "'max_tokens' or 'max_completion_tokens' is too large: 16000. This model's maximum "
            "context length is 4096 tokens and your request has 20 input tokens."
        ),
        (
            "This model's maximum context length is 4096 tokens. However, you requested 16000 "
            "output tokens and your prompt contains 20 input tokens"
        ),
    ],
)
def test_a_limit_that_is_too_large(text: str) -> None:
    """The server's own limit holds then: nothing of the conversation is left out for it."""
    features: tuple[Feature, ...] = ("stream_options", "max_completion_tokens", "max_tokens")
    form = FeatureNegotiation(features, frozenset(), ())
    assert form.drop_limit(refusal(text))
    assert form.without == form.named == LIMITS
    assert not form.drop_limit(refusal(text))


def test_a_history_that_is_too_long() -> None:
    """It says nothing about the limit of an answer."""
    form = FeatureNegotiation(("max_completion_tokens",), frozenset(), ())
    text = "This model's maximum context length is 8192 tokens. However, your messages resulted in "
    assert not form.drop_limit(refusal(f"{text}9000 tokens. Please reduce the length."))
    assert not form.without


def test_older_name_of_the_limit() -> None:
    """A server that does not know the limit's name gets the older one, and then none."""
    features: tuple[Feature, ...] = ("max_completion_tokens", "max_tokens")
    form = FeatureNegotiation(features, frozenset(), ())
    assert form.adapt(refusal("Unrecognized request argument supplied: max_completion_tokens"))
    assert form.without == {"max_completion_tokens"}
    assert form.adapt(refusal("Unrecognized request argument supplied: max_tokens"))
    assert form.without == LIMITS

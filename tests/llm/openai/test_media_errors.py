"""How the errors of servers about media are understood, in the words that they were seen to use."""

from typing import get_args

import pytest

from slackbot.llm.openai.error_report import ErrorReport
from slackbot.llm.openai.media import MediaFeature
from slackbot.llm.openai.media_errors import UNKNOWN_LIMIT, MediaProblem, media_problem

ALL: tuple[MediaFeature, ...] = get_args(MediaFeature)


DASHSCOPE = (
    "<400> InternalError.Algo.InvalidParameter: The image length and width do not meet the model "
    "restrictions. [height:1 or width:1 must be larger than 10]"
)
OPENAI = (
    "You uploaded an unsupported image. Please make sure your image is below 20 MB in size and is "
    "of one the following formats: ['png', 'jpeg', 'gif', 'webp']."
)


def problem(text: str, status: int = 400) -> MediaProblem | None:
    return media_problem(ErrorReport("refused", status, text=text), ALL)


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (400, "Invalid content type. image_url is only supported by certain models."),  # OpenAI
        (400, "Invalid value: 'input_image'. Supported values are: 'input_text'."),
        (
            500,
            "image input is not supported - hint: you may need to provide the mmproj",
        ),  # llama.cpp
        (500, 'Failed to parse messages: Unsupported content part type: "image_url"'),
        (400, "DeepSeek-V4-Flash is not a multimodal model"),  # vLLM
        (400, "At most 0 image(s) may be provided in one prompt."),
        (400, "This model does not support image inputs."),
        (400, "The model doesn't support images."),
        (400, "Model gemma does not support vision"),
        (400, "Sorry, images are not supported."),
        (404, "No endpoints found that support image input"),  # OpenRouter
        (400, "messages[0]: unknown variant `image_url`, expected `text` at line 1"),  # DeepSeek
        (400, "Only 'text' content type is supported."),
        (500, 'can only concatenate str (not "list") to str'),  # llama-cpp-python
        (400, "messages.content.type is invalid, allowed values: ['text']"),
        (
            500,
            "Failed to process inputs: this model is missing data required for image input",
        ),  # Ollama
    ],
)
def test_models_that_take_no_images(status: int, text: str) -> None:
    """The model takes no image at all, so none is sent to it."""
    found = problem(text, status)
    assert found is not None
    assert (found.feature, found.kind) == ("image_url", "refused")


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (400, "height:8 and width:8 must be larger than factor:28"),  # vLLM, Qwen
        (400, "Failed to apply Qwen2_5_VLProcessor height:8 or width:8 must be larger"),
        (500, "Failed to apply Qwen2_5_VLProcessor "),
        (400, "absolute aspect ratio must be smaller than 200, got 300.0"),
        (400, "cannot identify image file <_io.BytesIO object at 0x7f0>"),
        (400, DASHSCOPE),
        (400, OPENAI),
        (400, "Invalid image.\ninvalid_image_format"),
        (400, "image_parse_error"),
        (400, "Failed to load image or audio file"),  # llama.cpp, Ollama
        (500, "Failed to load image or audio file"),
        (400, "Unable to process input image. Please retry or report"),  # Gemini
        (400, "Provided image is not valid"),
        (400, "messages.58.content.2.image.source.base64: image exceeds 5 MB maximum: 6 > 5"),
        (400, "At least one of the image dimensions exceed max allowed size: 8000 pixels"),
        (400, "This model does not support images larger than 8000 pixels."),
        (400, "This model does not support images in this format."),
        (400, "Animated images are not supported"),
        (400, "The image format is not supported"),
        (415, "Unsupported MIME type: image/tiff"),
        (400, "Your input image may contain content that is not allowed by our safety system."),
    ],
)
def test_what_is_wrong_with_one_image(status: int, text: str) -> None:
    """It is about one image, and says nothing about the others."""
    assert problem(text, status) == MediaProblem("image_url", "input")


@pytest.mark.parametrize(
    ("text", "feature", "kind"),
    [
        ("Invalid content type. file is only supported by certain models.", "file", "refused"),
        ("Unknown part type: file", "file", "refused"),
        ("unsupported content[].type", "file", "refused"),
        ("'messages.1.content.1' : one of ('text', 'file') expected", "file", "refused"),
        ("Unable to process file_data: it is corrupted", "file", "input"),
        ("The PDF is password protected.", "file", "input"),
        ("The document has too many pages.", "file", "input"),
        ("input_audio is only supported by certain models.", "input_audio", "refused"),
        ("This model does not support audio input.", "input_audio", "refused"),
        ("The input_audio could not be decoded.", "input_audio", "input"),
        ("Audio is too short. Minimum length is 0.1 seconds.", "input_audio", "input"),
    ],
)
def test_other_media(text: str, feature: MediaFeature, kind: str) -> None:
    """The same for documents and recordings."""
    found = problem(text)
    assert found is not None
    assert (found.feature, found.kind) == (feature, kind)


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("At most 1 image(s) may be provided in one request.", 1),
        ("You set image=2 (or defaulted to 1) in `--limit-mm-per-prompt`, but passed 3", 2),
        ("Too many images provided. This model supports up to 5 images", 5),
        ("too many images and documents: 101 + 0 > 100", 100),
        ("Maximum number of images is 10", 10),
        ("Too many images.", UNKNOWN_LIMIT),
    ],
)
def test_too_many_images(text: str, limit: int) -> None:
    """It says how many are taken, or only that there are too many."""
    assert problem(text) == MediaProblem("image_url", "count", limit)


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (400, "Something went wrong."),
        (400, "Unexpected message role."),
        (404, "Not Found"),
        (500, "Out of memory while reading the images: please contact support"),
    ],
)
def test_other_errors(status: int, text: str) -> None:
    """They say nothing about media."""
    assert problem(text, status) is None


def test_what_was_not_sent() -> None:
    """An error is not about media that the request has none of."""
    report = ErrorReport("refused", 400, text="This model does not support image inputs.")
    assert media_problem(report, [feature for feature in ALL if feature != "image_url"]) is None


def test_codes() -> None:
    """In a stream the code alone may say that it is an image."""
    report = ErrorReport("reported", codes=("image_parse_error",), text="Oh.")
    assert media_problem(report, ALL) == MediaProblem("image_url", "input")

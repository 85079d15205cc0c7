"""Types of values that check what stands in a variable.

The sentences complete one that begins with the variable's name.
"""

import base64
import re
from typing import Annotated, Any, get_args
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

MAX_WHOLE_NUMBER = 999_999_999
"""A larger one is a typing mistake."""

FERNET_KEY_BYTES = 32

MAKE_ENCRYPTION_KEY = (
    'python3 -c "import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())"'
)
"""Prints a key."""


def or_problem(problem: str) -> WrapValidator:
    """Says `problem` about a wrong value, in place of pydantic's message."""

    def validate(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        try:
            return handler(value)
        except ValidationError:
            raise ValueError(problem) from None  # pydantic's error may repeat a secret

    return WrapValidator(validate)


def one_of(literal: Any, what: str) -> WrapValidator:
    """Lists the values of a Literal for a wrong one; `what` says what they are."""
    return or_problem(f"is not {what}: use one of {', '.join(get_args(literal))}.")


def _require_printable(secret: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[!-~]*", secret.get_secret_value()):
        raise ValueError("contains blanks or characters that no key has: copy it again.")
    return secret


def _starts_with(prefix: str, problem: str) -> AfterValidator:
    def validate(secret: SecretStr) -> SecretStr:
        if not secret.get_secret_value().startswith(prefix):
            raise ValueError(problem)
        return secret

    return AfterValidator(validate)


def _require_web_address(value: str) -> str:
    parts = urlsplit(value)
    _ = parts.port  # raises ValueError if it is not a number
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError
    return value


def _require_database_address(value: str) -> str:
    """The rest is for the store to say: an address of PostgreSQL may have several hosts."""
    if not re.match(r"\w+://", value):
        raise ValueError
    return value


def _with_slash(address: str) -> str:
    return address.rstrip("/") + "/"


def _split_list(value: str) -> list[str]:
    return [item for item in re.split(r"[,\s]+", value) if item]


def _require_fernet_keys(keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    if not keys or not all(_is_fernet_key(key.get_secret_value()) for key in keys):
        raise ValueError
    return keys


def _is_fernet_key(key: str) -> bool:
    try:
        decoded = base64.b64decode(key, altchars=b"-_", validate=True)
    except ValueError:
        return False
    return len(decoded) == FERNET_KEY_BYTES


Secret = Annotated[SecretStr, AfterValidator(_require_printable)]

BotToken = Annotated[
    Secret,
    _starts_with(
        "xoxb-",
        "is not a bot token: it must start with xoxb- (page “OAuth & Permissions”).",
    ),
]

AppToken = Annotated[
    Secret,
    _starts_with(
        "xapp-",
        "is not an app-level token: it must start with xapp- (page “Basic Information”, scope "
        "connections:write).",
    ),
]

ClientId = Annotated[
    str,
    Field(pattern=r"^[0-9]+\.[0-9]+$"),
    or_problem(
        "is not a client ID: it is two numbers with a dot in between (page “Basic Information”)."
    ),
]

EncryptionKeys = Annotated[
    tuple[Secret, ...],
    BeforeValidator(_split_list),
    AfterValidator(_require_fernet_keys),
    or_problem(
        "is not a key, or not several with commas in between: a key is 32 bytes in URL-safe "
        f"Base64. Make one with `{MAKE_ENCRYPTION_KEY}`."
    ),
]
"""Keys of Fernet. https://cryptography.io/en/latest/fernet/"""

WebAddress = Annotated[
    str,
    AfterValidator(_require_web_address),
    or_problem(
        "is not a web address: start it with https:// or http:// and a host, for example "
        "http://localhost:8000/v1."
    ),
]

BaseAddress = Annotated[WebAddress, AfterValidator(_with_slash)]
"""A web address to which paths are added."""

DatabaseAddress = Annotated[
    str,
    AfterValidator(_require_database_address),
    or_problem("is not a database address: use, for example, sqlite:///slackbot.db."),
]

Port = Annotated[
    int,
    Field(ge=0, le=65535),
    or_problem("is not a port: use a number from 1 to 65535, or 0 for any free port."),
]

TokenCount = Annotated[
    int,
    Field(ge=100, le=MAX_WHOLE_NUMBER),
    or_problem("is not a number of tokens: use a whole number from 100, for example 100000."),
]

ReplyCount = Annotated[
    int,
    Field(ge=1, le=MAX_WHOLE_NUMBER),
    or_problem("is not a number of replies: use a whole number from 1, for example 100."),
]

Days = Annotated[
    int,
    Field(ge=1, le=MAX_WHOLE_NUMBER),
    or_problem("is not a number of days: use a whole number from 1, for example 90."),
]

Seconds = Annotated[
    float,
    Field(ge=0, lt=100_000, allow_inf_nan=False),
    or_problem("is not a number of seconds: use a number from 0, for example 25."),
]

Timeout = Annotated[
    float,
    Field(gt=0, lt=100_000, allow_inf_nan=False),
    or_problem("is not a number of seconds: use a number above 0, for example 60."),
]

UserIds = Annotated[
    frozenset[Annotated[str, Field(pattern=r"^[UW][A-Z0-9]+$")]],
    BeforeValidator(_split_list),
    or_problem(
        "is not a list of user IDs: use IDs such as U012AB3CD, separated by commas (in Slack: "
        "profile, “Copy member ID”)."
    ),
]

ModuleNames = Annotated[
    tuple[Annotated[str, Field(pattern=r"^[^\W\d]\w*(\.[^\W\d]\w*)*$")], ...],
    BeforeValidator(_split_list),
    or_problem("is not a list of modules: use names such as my_tools, separated by commas."),
]

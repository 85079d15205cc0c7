"""A typed Python function as a tool: the `@tool` decorator, and how a call is run."""

import inspect
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar, overload

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError, to_json

from slackbot.conversation.roles import Role, RoleName, role_named
from slackbot.errors import ToolError, ToolNotRunError
from slackbot.llm.tool_calls import Caller, ToolDefinition
from slackbot.tools import schemas, texts
from slackbot.tools.threads import run_in_thread

F = TypeVar("F", bound=Callable[..., Any])

OPTIONS_ATTRIBUTE = "__slackbot_tool__"
"""Where the decorator leaves its options on the function."""

DEFAULT_TIME_LIMIT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class ToolOptions:
    requires_approval: bool = False
    time_limit: float = DEFAULT_TIME_LIMIT_SECONDS
    role: Role = Role.MEMBER
    read_only: bool = False
    max_per_answer: int | None = None


@overload
def tool(function: F) -> F: ...
@overload
def tool(
    *,
    requires_approval: bool = False,
    time_limit: float = DEFAULT_TIME_LIMIT_SECONDS,
    role: RoleName = "member",
    read_only: bool = False,
) -> Callable[[F], F]: ...
def tool(
    function: F | None = None,
    *,
    requires_approval: bool = False,
    time_limit: float = DEFAULT_TIME_LIMIT_SECONDS,
    role: RoleName = "member",
    read_only: bool = False,
) -> F | Callable[[F], F]:
    """Lets the model call a function. The function itself stays unchanged.

    The docstring tells the model what it does. The annotations say what it takes: any type that
    pydantic can read from JSON, with `Annotated[int, Field(description="…")]` to say more. A
    parameter of type `Caller` gets who asks and where, and the model never sees it. The return
    value goes to the model: text as it is, anything else as JSON. A ToolError gives the model its
    sentence. An async function runs in the bot's event loop, any other function in a thread.

    With `requires_approval`, the person who asks, or an admin, has to approve each call.
    `time_limit` is in seconds. `role` is the least role of people for whom it can be called, and
    who can approve it: `outsider`, `guest`, `member`, `admin` or `owner`.

    `read_only` says that it changes nothing. Regenerate runs only such tools again.

    Raises ValueError for another role.
    """
    options = ToolOptions(requires_approval, time_limit, role_named(role), read_only)

    def mark(function: F) -> F:
        setattr(function, OPTIONS_ATTRIBUTE, options)
        return function

    return mark if function is None else mark(function)


def is_tool(value: object) -> bool:
    """Whether it is marked with @tool."""
    return hasattr(value, OPTIONS_ATTRIBUTE)


class FunctionTool:
    def __init__(self, function: Callable[..., Any], options: ToolOptions | None = None) -> None:
        """Takes the options of its @tool unless `options` are given.

        Raises TypeError, with what to change, for a function that can't be a tool.
        """
        options = options or _options(function)
        self.time_limit = options.time_limit
        self._function = function
        self._caller_names, self._arguments = schemas.arguments_model(function)
        self.definition = ToolDefinition(
            name=schemas.tool_name(function),
            description=schemas.description(function),
            parameters=schemas.json_schema(self._arguments),
            requires_approval=options.requires_approval,
            role=options.role,
            read_only=options.read_only,
            max_per_answer=options.max_per_answer,
        )

    def validate(self, arguments: str) -> None:
        """Raises ToolNotRunError."""
        self._parse(arguments)

    async def run(self, arguments: str, caller: Caller) -> str:
        """Raises ToolError, or any error that the function raises."""
        parsed = self._parse(arguments)
        fields = self._arguments.model_fields
        given = {
            fields[field].alias or field: getattr(parsed, field)
            for field in parsed.model_fields_set
        }
        given |= dict.fromkeys(self._caller_names, caller)
        call = partial(self._function, **given)
        if inspect.iscoroutinefunction(self._function):
            return _to_text(await _without_exit(call()))
        return await run_in_thread(lambda: _to_text(call()))

    def _parse(self, arguments: str) -> BaseModel:
        try:
            return self._arguments.model_validate_json(arguments)
        except ValidationError as err:
            problems = _describe(err)
            raise ToolNotRunError(texts.INVALID_ARGUMENTS.format(problems=problems)) from err


def _options(function: Callable[..., Any]) -> ToolOptions:
    options = getattr(function, OPTIONS_ATTRIBUTE, None)
    return options if isinstance(options, ToolOptions) else ToolOptions()


async def _without_exit(work: Coroutine[Any, Any, Any]) -> Any:
    """A tool that exits raises an ordinary error, and does not end the bot."""
    try:
        return await work
    except (SystemExit, KeyboardInterrupt) as err:
        raise RuntimeError(repr(err)) from err


def _to_text(value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return texts.DONE
    try:
        return to_json(value).decode()
    except (PydanticSerializationError, UnicodeDecodeError) as err:
        raise ToolError(texts.NOT_JSON.format(type=type(value).__name__)) from err


def _describe(err: ValidationError) -> str:
    problems = err.errors(include_url=False, include_input=False, include_context=False)
    return " ".join(
        f"{'.'.join(map(str, each['loc'])) or 'all'}: {each['msg']}." for each in problems
    )

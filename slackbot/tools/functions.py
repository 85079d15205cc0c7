"""A typed Python function as a tool: its schema, and how it is run.

The schema is made from the annotations, by pydantic; the docstring is what the model is told.
"""

import asyncio
import contextvars
import inspect
import threading
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar, overload

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic.errors import PydanticUserError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import PydanticSerializationError, to_json

from slackbot.errors import ToolError
from slackbot.llm.tool_calls import (
    MAX_DESCRIPTION_CHARACTERS,
    MAX_TOOL_NAME_CHARACTERS,
    Caller,
    ToolDefinition,
)

F = TypeVar("F", bound=Callable[..., Any])

MARK = "__slackbot_tool__"

TIME_LIMIT = 30.0
"""Seconds."""

MOST_THREADS = 32
"""How many functions that are not async run at once; one that hangs can't be ended."""

DONE = "Done."


@dataclass(frozen=True, slots=True)
class ToolOptions:
    requires_approval: bool = False
    time_limit: float = TIME_LIMIT


@overload
def tool(function: F) -> F: ...
@overload
def tool(
    *, requires_approval: bool = False, time_limit: float = TIME_LIMIT
) -> Callable[[F], F]: ...
def tool(
    function: F | None = None, *, requires_approval: bool = False, time_limit: float = TIME_LIMIT
) -> F | Callable[[F], F]:
    """Makes a function one that the model may call; it stays the function it is.

    The docstring tells the model what it does, annotations say what it takes: anything that
    pydantic can read from JSON, with `Annotated[int, Field(description="…")]` where more is to be
    said. A parameter of type `Caller` gets who is asking and where, and the model never sees it.
    What is returned goes to the model, as JSON if it is no text; so does a ToolError's sentence.
    An async function runs in the bot's event loop, any other one in a thread.

    With `requires_approval`, each call has to be confirmed by the person who asked, or an admin.
    `time_limit` is in seconds.
    """

    def mark(function: F) -> F:
        setattr(function, MARK, ToolOptions(requires_approval, time_limit))
        return function

    return mark if function is None else mark(function)


class FunctionTool:
    """Raises TypeError, with what to do, for a function that can't be one."""

    def __init__(self, function: Callable[..., Any], options: ToolOptions | None = None) -> None:
        options = options or _options(function)
        self.time_limit = options.time_limit
        self._function = function
        signature = inspect.signature(function, eval_str=True)
        self._caller, self._arguments = _arguments(signature)
        self.tool = ToolDefinition(
            name=_name(function),
            description=_description(function),
            parameters=_schema(self._arguments),
            requires_approval=options.requires_approval,
        )

    def check(self, arguments: str) -> None:
        """Raises ToolError."""
        self._read(arguments)

    async def run(self, arguments: str, caller: Caller) -> str:
        """Raises ToolError, or whatever the function raises."""
        read = self._read(arguments)
        names = {name: field.alias or name for name, field in self._arguments.model_fields.items()}
        given = {names[name]: getattr(read, name) for name in read.model_fields_set}
        given |= dict.fromkeys(self._caller, caller)
        call = partial(self._function, **given)
        if inspect.iscoroutinefunction(self._function):
            return _as_text(await _guarded(call()))
        return await in_thread(lambda: _as_text(call()))

    def _read(self, arguments: str) -> BaseModel:
        try:
            return self._arguments.model_validate_json(arguments)
        except ValidationError as err:
            raise ToolError(f"The arguments do not fit. {_told(err)}") from err


def _options(function: Callable[..., Any]) -> ToolOptions:
    marked = getattr(function, MARK, None)
    return marked if isinstance(marked, ToolOptions) else ToolOptions()


async def in_thread(work: Callable[[], str]) -> str:
    """In a thread that nothing waits for when it hangs. Raises what the work does."""
    name = f"{__name__}.thread"
    if sum(thread.name == name for thread in threading.enumerate()) >= MOST_THREADS:
        raise ToolError("Too many tools are running. Try again later.")
    loop = asyncio.get_running_loop()
    done: asyncio.Future[str] = loop.create_future()
    context = contextvars.copy_context()

    def tell(result: str, error: BaseException | None) -> None:
        if done.cancelled():
            return
        if error is None:
            done.set_result(result)
        else:
            done.set_exception(error)

    def run() -> None:
        result, error = "", None
        try:
            result = context.run(work)
        except Exception as err:  # noqa: BLE001 - it is told to whoever waits
            error = err
        except BaseException as err:  # noqa: BLE001 - no tool ends the bot
            error = RuntimeError(repr(err))
        if not loop.is_closed():
            loop.call_soon_threadsafe(tell, result, error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return await done


async def _guarded(work: Coroutine[Any, Any, Any]) -> Any:
    """No tool ends the bot: what would end a program is an error like any other."""
    try:
        return await work
    except (SystemExit, KeyboardInterrupt) as err:
        raise RuntimeError(repr(err)) from err


def _as_text(value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return DONE
    try:
        return to_json(value).decode()
    except (PydanticSerializationError, UnicodeDecodeError) as err:
        raise ToolError(f"It returned something that is no JSON: {type(value).__name__}.") from err


def _told(err: ValidationError) -> str:
    problems = err.errors(include_url=False, include_input=False, include_context=False)
    return " ".join(
        f"{'.'.join(map(str, each['loc'])) or 'all'}: {each['msg']}." for each in problems
    )


def _name(function: Callable[..., Any]) -> str:
    name = getattr(function, "__name__", "")
    if not (name.isascii() and name.isidentifier()) or len(name) > MAX_TOOL_NAME_CHARACTERS:
        raise TypeError(
            f"its name has to be a plain one of up to {MAX_TOOL_NAME_CHARACTERS} characters."
        )
    return name


def _description(function: Callable[..., Any]) -> str:
    described = inspect.getdoc(function)
    if not described:
        raise TypeError("it has no docstring: that is what the model is told of it.")
    if len(described) > MAX_DESCRIPTION_CHARACTERS:
        raise TypeError(f"its docstring is longer than {MAX_DESCRIPTION_CHARACTERS:,} characters.")
    return described


def _arguments(signature: inspect.Signature) -> tuple[list[str], type[BaseModel]]:
    """The parameters that take the caller, and a model of the others.

    Fields have names of their own, as a parameter may be called what a model's methods are.
    """
    callers: list[str] = []
    fields: dict[str, Any] = {}
    for number, (name, parameter) in enumerate(signature.parameters.items()):
        if parameter.kind not in (parameter.KEYWORD_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            raise TypeError(f"its parameter {name} has to be one that can be given by name.")
        if parameter.annotation is parameter.empty:
            raise TypeError(f"its parameter {name} has no type.")
        if parameter.annotation is Caller:
            callers.append(name)
        else:
            default = ... if parameter.default is parameter.empty else parameter.default
            fields[f"field_{number}"] = (parameter.annotation, Field(default, alias=name))
    config = ConfigDict(extra="forbid")
    try:
        model: type[BaseModel] = create_model("Arguments", __config__=config, **fields)
    except PydanticUserError as err:
        raise TypeError(f"pydantic can't read its parameters: {err.message}") from err
    return callers, model


def _schema(arguments: type[BaseModel]) -> Mapping[str, Any]:
    try:
        schema = arguments.model_json_schema(schema_generator=_Untitled)
    except PydanticUserError as err:
        raise TypeError(f"its parameters have no JSON schema: {err.message}") from err
    return {key: value for key, value in schema.items() if key != "title"}


class _Untitled(GenerateJsonSchema):
    """Titles repeat the names, and cost tokens in every request."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - of none
        return False

    def get_title_from_name(self, name: str) -> str:
        return name

    def sort(self, value: JsonSchemaValue, parent_key: str | None = None) -> JsonSchemaValue:  # noqa: ARG002
        """In the order in which the parameters stand."""
        return value

"""What the model is told about a function: its name, its docstring, and a schema of its arguments.

pydantic makes the schema from the annotations. A function that can't be a tool is a TypeError that
says what to change.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.errors import PydanticUserError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from slackbot.llm.tool_calls import MAX_DESCRIPTION_CHARACTERS, MAX_TOOL_NAME_CHARACTERS, Caller


def tool_name(function: Callable[..., Any]) -> str:
    """The function's name. Raises TypeError."""
    name = getattr(function, "__name__", "")
    if not (name.isascii() and name.isidentifier()) or len(name) > MAX_TOOL_NAME_CHARACTERS:
        raise TypeError(
            f"its name has to be an ASCII name of up to {MAX_TOOL_NAME_CHARACTERS} characters."
        )
    return name


def description(function: Callable[..., Any]) -> str:
    """The function's docstring. Raises TypeError."""
    docstring = inspect.getdoc(function)
    if not docstring:
        raise TypeError("it has no docstring, which tells the model what it does.")
    if len(docstring) > MAX_DESCRIPTION_CHARACTERS:
        raise TypeError(f"its docstring is longer than {MAX_DESCRIPTION_CHARACTERS:,} characters.")
    return docstring


def arguments_model(function: Callable[..., Any]) -> tuple[list[str], type[BaseModel]]:
    """The names of the parameters of type Caller, and a model of all others.

    The model's fields have generated names, with the parameters' names as aliases, since a
    parameter may be called like a method of the model. Raises TypeError.
    """
    caller_names: list[str] = []
    fields: dict[str, Any] = {}
    parameters = inspect.signature(function, eval_str=True).parameters
    for number, (name, parameter) in enumerate(parameters.items()):
        if parameter.kind not in (parameter.KEYWORD_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            raise TypeError(f"its parameter {name} can't be passed by name.")
        if parameter.annotation is parameter.empty:
            raise TypeError(f"its parameter {name} has no type.")
        if parameter.annotation is Caller:
            caller_names.append(name)
        else:
            default = ... if parameter.default is parameter.empty else parameter.default
            fields[f"field_{number}"] = (parameter.annotation, Field(default, alias=name))
    config = ConfigDict(extra="forbid")
    try:
        model: type[BaseModel] = create_model("Arguments", __config__=config, **fields)
    except PydanticUserError as err:
        raise TypeError(f"pydantic can't read its parameters: {err.message}") from err
    return caller_names, model


def json_schema(arguments: type[BaseModel]) -> Mapping[str, Any]:
    """A JSON schema of type object, in the order of the parameters. Raises TypeError."""
    try:
        schema = arguments.model_json_schema(schema_generator=_SchemaWithoutTitles)
    except PydanticUserError as err:
        raise TypeError(f"its parameters have no JSON schema: {err.message}") from err
    return {key: value for key, value in schema.items() if key != "title"}


class _SchemaWithoutTitles(GenerateJsonSchema):
    """Titles repeat the names, and take tokens in every request."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - no field has one
        return False

    def get_title_from_name(self, name: str) -> str:
        return name

    def sort(self, value: JsonSchemaValue, parent_key: str | None = None) -> JsonSchemaValue:  # noqa: ARG002
        """Keeps the order of the parameters."""
        return value

"""What a file of instructions says, that a team keeps beside its code. Pure.

workspace: You are a helpful assistant.
channels:
  C012AB3CD: You answer questions about our deployment.
  C045EF6GH:
    text: You are a reviewer.
    model: gpt-6.2-sol
    answering: mentions
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from slackbot.conversation.addressing import Answering
from slackbot.errors import InstructionsError
from slackbot.instructions.scopes import (
    LONGEST_NAME,
    LONGEST_PROMPT,
    PROMPTS,
    Extra,
    ScopeSettings,
    cleaned,
    written,
)

CHANNEL = re.compile(r"[CDG][A-Z0-9]{2,}")
TEAM = re.compile(r"T[A-Z0-9]{2,}")


@dataclass(frozen=True, slots=True)
class InstructionsFile:
    setups: Mapping[str, ScopeSettings] = field(default_factory=dict)
    """By the channel's id; "" for the workspace."""
    team: str = ""
    """The workspace's id, if the file says so."""


def entries_from(data: object) -> InstructionsFile:
    """Raises InstructionsError, which names the place of the first mistake."""
    top = _mapping(data, "the file", ("team", "workspace", "channels"))
    team = top.get("team", "")
    _require(isinstance(team, str) and bool(not team or TEAM.fullmatch(team)), "team", "an id, T…")
    channels = _mapping(top.get("channels"), "channels", None)
    setups = {"": _setup(top["workspace"], "workspace")} if "workspace" in top else {}
    for channel, entry in channels.items():
        is_id = isinstance(channel, str) and CHANNEL.fullmatch(channel) is not None
        _require(is_id, f"channels.{channel}", "named by its id, C…")
        setups[channel] = _setup(entry, f"channels.{channel}")
    _require(bool(setups), "the file", "a list of `workspace` and `channels`")
    return InstructionsFile(setups, team)


def _setup(entry: object, place: str) -> ScopeSettings:
    """A text alone, or the parts by their names; nothing takes back all that is set."""
    if isinstance(entry, str):
        entry = {"text": entry}
    names = ("text", "model", "answering", "extras", "prompts")
    parts = _mapping(entry, place, names if place == "workspace" else names[:-1])
    text, model, answering = (parts.get(name) for name in names[:3])
    _require(text is None or isinstance(text, str), f"{place}.text", "a text")
    is_name = isinstance(model, str) and 0 < len(model.strip()) <= LONGEST_NAME
    _require(model is None or is_name, f"{place}.model", "a model's name")
    known = get_args(Answering)
    is_known = answering is None or answering in known
    _require(is_known, f"{place}.answering", f"one of {', '.join(known)}")
    return ScopeSettings(
        text=None if text is None else _written(text, place),
        model=None if model is None else model.strip(),
        answering=answering,
        prompts=_prompts(parts.get("prompts"), place),
        extras=_extras(parts.get("extras"), place),
    )


def _written(text: str, place: str) -> str:
    try:
        return written(text)
    except InstructionsError as err:
        raise InstructionsError(f"{place}.text: {err.user_message}") from err


def _prompts(prompts: Any, place: str) -> tuple[str, ...] | None:
    if prompts is None:
        return None
    listed = isinstance(prompts, list) and 0 < len(prompts) <= PROMPTS
    _require(listed, f"{place}.prompts", f"a list of one to {PROMPTS} texts")
    texts = tuple(cleaned(each) if isinstance(each, str) else "" for each in prompts)
    fit = all(0 < len(each) <= LONGEST_PROMPT for each in texts)
    _require(fit, f"{place}.prompts", f"texts of one to {LONGEST_PROMPT} characters")
    return texts


def _extras(extras: Any, place: str) -> tuple[Extra, ...] | None:
    if extras is None:
        return None
    known = get_args(Extra)
    listed = isinstance(extras, list) and all(each in known for each in extras)
    _require(listed, f"{place}.extras", f"a list of {', '.join(known)}")
    return tuple(extras)


def _mapping(data: Any, place: str, names: tuple[str, ...] | None) -> Mapping[Any, Any]:
    """Where nothing stands behind a name nothing belongs to it."""
    data = {} if data is None else data
    _require(isinstance(data, dict), place, "a list of names with what belongs to each")
    for name in data:
        if names is not None:
            _require(name in names, f"{place}: {name}", f"one of {', '.join(names)}")
    return dict(data)


def _require(condition: bool, place: str, what: str) -> None:  # noqa: FBT001 - it is an assertion
    if not condition:
        raise InstructionsError(f"{place} should be {what}.")

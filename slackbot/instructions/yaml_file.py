"""Reads a YAML file of instructions, which a team keeps next to its code. Pure.

workspace: You are a helpful assistant.
channels:
  C012AB3CD: You answer questions about our deployment.
  C045EF6GH:
    text: You are a reviewer.
    model: gpt-6.2-sol
    answering: mentions
"""

import re
from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

import yaml

from slackbot.conversation.addressing import Answering
from slackbot.conversation.ids import ChannelId, TeamId
from slackbot.errors import InstructionsError
from slackbot.instructions import texts
from slackbot.instructions.instruction_text import normalize_text, validate_instructions
from slackbot.instructions.limits import MAX_MODEL_NAME_CHARS, MAX_PROMPT_CHARS, MAX_PROMPTS
from slackbot.instructions.settings import Extra, ScopeSettings

_CHANNEL_ID = re.compile(r"[CDG][A-Z0-9]{2,}")
_TEAM_ID = re.compile(r"T[A-Z0-9]{2,}")

_TOP_KEYS = ("team", "workspace", "channels")
_CHANNEL_KEYS = ("text", "model", "answering", "extras")
_WORKSPACE_KEYS = (*_CHANNEL_KEYS, "prompts")


MAX_FILE_CHARS = 10**7
"""Of a file: 800 channels' longest instructions."""

MAX_MERGED_KEYS = 5_000
"""Of a mapping into which others are merged."""


@dataclass(frozen=True, slots=True)
class InstructionsFile:
    settings: Mapping[ChannelId, ScopeSettings] = field(default_factory=dict)
    """By channel ID; "" is the whole workspace."""
    team: TeamId = TeamId("")
    """The workspace's ID, if the file has one."""


def parse_yaml(text: str) -> InstructionsFile:
    """Parses the text of a file. Raises InstructionsError, which names the first mistake."""
    if len(text) > MAX_FILE_CHARS:
        raise InstructionsError(texts.FILE_TOO_LONG)
    try:
        data = yaml.load(text, _UniqueKeyLoader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, RecursionError, ValueError) as err:  # such as for the date 2026-99-99
        mark = getattr(err, "problem_mark", None)
        raise InstructionsError(texts.invalid_yaml(mark and mark.line + 1)) from err
    return read_entries(data)


def read_entries(data: object) -> InstructionsFile:
    """Reads what YAML gives for a file. Raises InstructionsError, which names the first mistake."""
    top = _mapping(data, texts.FILE, _TOP_KEYS)
    team = top.get("team", "")
    is_team = isinstance(team, str) and (not team or _TEAM_ID.fullmatch(team) is not None)
    _require(is_team, "team", texts.TEAM_ID)
    settings: dict[ChannelId, ScopeSettings] = {}
    if "workspace" in top:
        settings[ChannelId("")] = _settings(top["workspace"], "workspace", _WORKSPACE_KEYS)
    for channel, entry in _mapping(top.get("channels"), "channels").items():
        place = f"channels.{channel}"
        is_channel = isinstance(channel, str) and _CHANNEL_ID.fullmatch(channel) is not None
        _require(is_channel, place, texts.CHANNEL_ID)
        settings[ChannelId(channel)] = _settings(entry, place, _CHANNEL_KEYS)
    _require(bool(settings), texts.FILE, texts.FILE_KEYS)
    return InstructionsFile(settings, TeamId(team))


def _settings(entry: object, place: str, keys: tuple[str, ...]) -> ScopeSettings:
    """An entry is a text, or a mapping of the parts; an empty one removes what is set."""
    if isinstance(entry, str):
        entry = {"text": entry}
    parts = _mapping(entry, place, keys)
    text, model, answering = (parts.get(key) for key in ("text", "model", "answering"))
    _require(text is None or isinstance(text, str), f"{place}.text", texts.TEXT)
    is_name = isinstance(model, str) and 0 < len(model.strip()) <= MAX_MODEL_NAME_CHARS
    _require(model is None or is_name, f"{place}.model", texts.MODEL_NAME)
    choices = get_args(Answering)
    is_choice = answering is None or answering in choices
    _require(is_choice, f"{place}.answering", f"one of {', '.join(choices)}")
    return ScopeSettings(
        text=None if text is None else _text(text, place),
        model=None if model is None else model.strip(),
        answering=answering,
        prompts=_prompts(parts.get("prompts"), place),
        extras=_extras(parts.get("extras"), place),
    )


def _text(text: str, place: str) -> str:
    try:
        return validate_instructions(text)
    except InstructionsError as err:
        raise InstructionsError(f"{place}.text: {err.user_message}") from err


def _prompts(prompts: Any, place: str) -> tuple[str, ...] | None:
    if prompts is None:
        return None
    is_list = isinstance(prompts, list) and 0 < len(prompts) <= MAX_PROMPTS
    _require(is_list, f"{place}.prompts", texts.PROMPT_LIST)
    found = tuple(normalize_text(each) if isinstance(each, str) else "" for each in prompts)
    fit = all(0 < len(each) <= MAX_PROMPT_CHARS for each in found)
    _require(fit, f"{place}.prompts", texts.PROMPT_LENGTH)
    return found


def _extras(extras: Any, place: str) -> tuple[Extra, ...] | None:
    if extras is None:
        return None
    choices = get_args(Extra)
    is_list = isinstance(extras, list) and all(each in choices for each in extras)
    _require(is_list, f"{place}.extras", f"a list of {', '.join(choices)}")
    return tuple(extras)


def _mapping(data: Any, place: str, keys: tuple[str, ...] | None = None) -> Mapping[Any, Any]:
    """A mapping with no other keys than these, if `keys` are given; nothing is an empty one."""
    data = {} if data is None else data
    _require(isinstance(data, dict), place, texts.MAPPING)
    for key in data:
        if keys is not None:
            _require(key in keys, f"{place}: {key}", f"one of {', '.join(keys)}")
    return dict(data)


def _require(condition: bool, place: str, expected: str) -> None:  # noqa: FBT001 - an assertion
    if not condition:
        raise InstructionsError(texts.must_be(place, expected))


class _UniqueKeyLoader(yaml.SafeLoader):
    """Refuses duplicate keys. YAML lets the last one win, which hides mistakes of a merge.

    Aliases in a key, or merged into mappings, would multiply a few lines into billions.
    """

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        written = len(node.value)
        super().flatten_mapping(node)
        if len(node.value) > max(written, MAX_MERGED_KEYS):
            raise InstructionsError(texts.invalid_yaml(node.start_mark.line + 1))

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - PyYAML's
        keys = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
        for key, count in keys.items():
            if count > 1:
                line = node.start_mark.line + 1
                raise InstructionsError(texts.duplicate_key(key, line))
        return super().construct_mapping(node, deep)

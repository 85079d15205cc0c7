"""The people, channels and instructions that a playground starts with, read from a YAML file.

people:
  - name: ana
    real_name: Ana Okafor
    role: owner               # or admin, member, guest, outsider
channels:
  - name: support
    private: true
    members: [ana]            # default: everybody but guests and outsiders
    instructions: Be brief.   # as in a file for `slackbot instructions import`
instructions: You are a helpful assistant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from slackbot.errors import ConfigError
from slackbot.playground.fake_slack.members import Person
from slackbot.playground.fake_slack.workspace import Workspace

OPTION = "--seed"

RESERVED_NAMES = ("assistant", "here", "channel", "everyone")
"""Names that mean the bot or everybody when they are mentioned."""
ROLES = ("owner", "admin", "member", "guest", "outsider")

TOP_FIELDS = ("people", "channels", "instructions")
PERSON_FIELDS = ("name", "real_name", "role")
CHANNEL_FIELDS = ("name", "private", "members", "instructions")


@dataclass(frozen=True, slots=True)
class SeedPerson:
    name: str
    real_name: str = ""
    role: str = "member"


@dataclass(frozen=True, slots=True)
class SeedChannel:
    name: str
    private: bool = False
    members: Sequence[str] | None = None
    """Names; None means everybody but guests and outsiders."""
    instructions: Any = None


@dataclass(frozen=True, slots=True)
class Seed:
    people: Sequence[SeedPerson] = ()
    channels: Sequence[SeedChannel] = ()
    instructions: Any = None
    """The workspace's instructions; None leaves them to the bot's settings."""

    def apply(self, workspace: Workspace) -> Mapping[str, Any]:
        """Adds the people and channels; returns the instructions to import, which may be empty."""
        people = {each.name: _add_person(workspace, each) for each in self.people}
        entries: dict[str, Any] = {}
        for each in self.channels:
            everybody = [name for name, person in people.items() if _is_regular_member(person)]
            names = everybody if each.members is None else each.members
            members = [people[name] for name in names]
            channel = workspace.add_channel(each.name, members=members, private=each.private)
            if each.instructions is not None:
                entries.setdefault("channels", {})[channel.id] = each.instructions
        for person in people.values():
            if not person.stranger:  # people of other organisations can't write to the app
                workspace.direct_message(person)
        return entries if self.instructions is None else {"workspace": self.instructions, **entries}


DEFAULT_SEED = Seed(
    people=(
        SeedPerson("ana", "Ana Okafor", "owner"),
        SeedPerson("ben", "Ben Larsen"),
        SeedPerson("gus", "Gus Moreau", "guest"),
        SeedPerson("zoe", "Zoe Park", "outsider"),
    ),
    channels=(
        SeedChannel("general", members=("ana", "ben", "gus")),
        SeedChannel("engineering"),
        SeedChannel("leads", private=True, members=("ana",)),
        SeedChannel("partners", members=("ana", "ben", "zoe")),
    ),
)
"""One person of each role, and channels where they meet."""


def read_seed(file: Path) -> Seed:
    """Reads a seed file. Raises ConfigError that names the file and the mistake."""
    try:
        value = yaml.safe_load(file.read_text("utf-8")) or {}
    except (OSError, UnicodeError) as err:
        raise ConfigError(OPTION, f"{file} can't be read: check its name.") from err
    except yaml.YAMLError as err:
        raise ConfigError(
            OPTION, f"{file} is not valid YAML: {' '.join(str(err).split())}"
        ) from err
    reader = _SeedReader(file)
    top = reader.fields(value, "it", TOP_FIELDS)
    people = reader.entries(top, "people", PERSON_FIELDS)
    channels = reader.entries(top, "channels", CHANNEL_FIELDS)
    seed = Seed(
        tuple(SeedPerson(**each) for each in people) or DEFAULT_SEED.people,
        tuple(SeedChannel(**each) for each in channels) or _default_channels(people),
        top.get("instructions"),
    )
    reader.check(seed)
    return seed


class _SeedReader:
    def __init__(self, file: Path) -> None:
        self._file = file

    def fields(self, value: Any, where: str, known: Sequence[str]) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            raise self._error(where, f"has no fields: it takes {', '.join(known)}")
        for name in value:
            if name not in known:
                raise self._error(where, f"has {name!r}, but takes only {', '.join(known)}")
        return value

    def entries(
        self, top: Mapping[str, Any], name: str, known: Sequence[str]
    ) -> Sequence[Mapping[str, Any]]:
        value = top.get(name) or []
        if not isinstance(value, list):
            raise self._error(name, "is not a list")
        found = []
        for number, each in enumerate(value, 1):
            where = f"{name}, number {number},"
            entry = self.fields(each, where, known)
            if not isinstance(entry.get("name"), str) or not entry["name"].strip():
                raise self._error(where, "has no name")
            found.append(entry)
        names = [entry["name"] for entry in found]
        if len({*names}) < len(names):
            raise self._error(name, "has two entries with the same name")
        return found

    def check(self, seed: Seed) -> None:
        people = {each.name for each in seed.people}
        for person in seed.people:
            if person.name.lower() in RESERVED_NAMES:
                raise self._error(person.name, "is reserved for the bot or everybody")
            if not isinstance(person.real_name, str):
                raise self._error(person.name, "has a real_name that is not text")
            if person.role not in ROLES:
                raise self._error(person.name, f"has a role that is not one of {', '.join(ROLES)}")
        for channel in seed.channels:
            if not isinstance(channel.private, bool):
                raise self._error(f"#{channel.name}", "needs private: true or false")
            if channel.members is not None and not isinstance(channel.members, list | tuple):
                raise self._error(f"#{channel.name}", "has members that are not a list")
            for member in channel.members or ():
                if not isinstance(member, str) or member not in people:
                    raise self._error(f"#{channel.name}", f"has {member!r}, who is not in people")

    def _error(self, where: str, problem: str) -> ConfigError:
        return ConfigError(OPTION, f"{self._file}: {where} {problem}.")


def _default_channels(people: Sequence[Mapping[str, Any]]) -> Sequence[SeedChannel]:
    """The default channels, or a single one if the file names its own people."""
    if not people:
        return DEFAULT_SEED.channels
    return (SeedChannel("general", members=tuple(each["name"] for each in people)),)


def _add_person(workspace: Workspace, person: SeedPerson) -> Person:
    return workspace.add_person(
        person.name,
        real_name=person.real_name,
        owner=person.role == "owner",
        admin=person.role == "admin",
        restricted=person.role == "guest",
        stranger=person.role == "outsider",
    )


def _is_regular_member(person: Person) -> bool:
    return not person.restricted and not person.stranger

"""What people are told about the instructions: in a command's answer, a form, the Home tab. Pure.

All of it is Slack's own markup; what admins wrote stands in it escaped, and pings nobody.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from slackbot.conversation.addressing import Answering
from slackbot.instructions.scopes import (
    LIMIT,
    NOTHING,
    ChangeRecord,
    EffectiveSettings,
    Extra,
    History,
    Revision,
    Scope,
    ScopeSettings,
)
from slackbot.markdown.excerpts import excerpt

HELP = f"""\
*What the assistant is told to be*, here or, with the first word `workspace`, everywhere:
• `/instructions`: a form for the instructions, the model, and what is answered
• `/instructions show`: what holds here, and where it comes from
• `/instructions set TEXT`, `append TEXT`: up to {LIMIT:,} characters in all
• `/instructions reset`: from then on what is set for the workspace holds here
• `/instructions history`, `undo`, `restore NUMBER`: nothing is ever lost
• `/instructions allow @person`, `disallow @person`, `who`: who may change them in this channel
• `/instructions help`
In a thread, mention me and write `instructions` and the same words: that holds in the thread."""

QUOTED = 80
"""Characters of a text that stand for it."""

SHOWN = 36_000
"""Characters of a text that is shown whole, escaped, of the 40,000 after which Slack cuts a message
off; only one that consists of signs to escape is longer.
"""

LATEST = 20
"""How many editions a history shows."""

ANSWERED: Mapping[Answering, str] = {
    "follow-ups": "mentions, and what is asked on in their threads",
    "mentions": "mentions only",
    "never": "nothing",
}

EXTRAS: Mapping[Extra, str] = {
    "speech": "answers are said aloud",
    "search": "the web is searched",
}


def quoted(text: str) -> str:
    """The beginning of a text's first line."""
    return excerpt(text.split("\n", 1)[0], QUOTED) or "…"


def _code(text: str) -> str:
    return f"`{quoted(text)}`"


def _listed(prompts: Sequence[str]) -> str:
    return " · ".join(map(quoted, prompts)) or "none"


def _switched_on(extras: Sequence[Extra]) -> str:
    return ", ".join(EXTRAS[extra] for extra in extras) or "nothing more"


PARTS: Mapping[str, tuple[str, Callable[[Any], str]]] = {
    "Instructions": ("text", quoted),
    "Model": ("model", _code),
    "Answered": ("answering", ANSWERED.__getitem__),
    "Also": ("extras", _switched_on),
    "Suggested prompts": ("prompts", _listed),
}
"""The parts of a setup as people call them: their name there, and how their value reads."""


def shown(scope: Scope, effective_settings: EffectiveSettings) -> str:
    """What holds in a scope, and where its text comes from."""
    return (
        f"The instructions in force for {scope}, {origin(effective_settings)}. "
        f"{' '.join(besides(effective_settings))}\n>>> {excerpt(effective_settings.text, SHOWN)}"
    )


def besides(effective_settings: EffectiveSettings) -> Iterator[str]:
    """What holds beside the text."""
    yield f"Answered: {ANSWERED[effective_settings.answering]}."
    if effective_settings.model:
        yield f"Model: {_code(effective_settings.model)}."
    if effective_settings.extras:
        yield f"Also: {_switched_on(effective_settings.extras)}."


def origin(effective_settings: EffectiveSettings) -> str:
    """Where a text in force comes from."""
    if effective_settings.source is None:
        return "as the bot was started with"
    return f"set for {effective_settings.source}"


def changed(scope: Scope, before: ScopeSettings, revision: Revision) -> str:
    """What an edition has changed."""
    head = (
        f"What is set for {scope} was changed (number {revision.number}); `undo` takes that back."
    )
    lines = [
        f"• {part}: {new or 'as around it'}" + (f" (before: {old})" if old else "")
        for part, old, new in _differences(before, revision.settings)
    ]
    return "\n".join((head, *lines))


def listed(scope: Scope, history: History) -> str:
    """The last editions of a scope, the latest first."""
    if not history:
        return f"Nothing was ever set for {scope}."
    befores = (NOTHING, *(revision.settings for revision in history))
    latest = list(zip(history, befores, strict=False))[: -LATEST - 1 : -1]
    lines = [f"{revision.number}. {line(revision, before)}" for revision, before in latest]
    return "\n".join((f"What was set for {scope}, the latest first:", *lines))


def line(revision: Revision, before: ScopeSettings) -> str:
    """When, who and what, in one line."""
    again = f" (again number {revision.restores})" if revision.restores else ""
    return f"{by(revision)}: {gist(before, revision.settings)}{again}"


def amended(change_record: ChangeRecord, *, private: bool) -> str:
    """The same with where it holds; without what was set if that is `private`."""
    scope, revision = change_record.scope, change_record.revision
    where = f"<#{scope.channel}>" if scope.channel else "the whole workspace"
    where = f"a thread in {where}" if scope.thread else where
    what = "" if private else f": {gist(change_record.before, revision.settings)}"
    return f"{by(revision)}, for {where}{what}"


def gist(before: ScopeSettings, after: ScopeSettings) -> str:
    """What differs, in one line: the text by its first one, the rest by name."""
    told = [
        (new or "_taken back_") if part == "Instructions" else f"{part}: {new or 'as around it'}"
        for part, _, new in _differences(before, after)
    ]
    return "; ".join(told) or "nothing new"


def by(revision: Revision) -> str:
    """When, and who."""
    return f"{when(revision.at)}, {f'<@{revision.user}>' if revision.user else 'from a file'}"


def when(at: int) -> str:
    """A time in seconds since the epoch, in the reader's own zone.

    https://docs.slack.dev/messaging/formatting-message-text#date-formatting
    """
    utc = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{at}^{{date_short_pretty}} {{time}}|{utc}>"


def people(users: Collection[str]) -> str:
    return ", ".join(f"<@{user}>" for user in sorted(users))


def _differences(before: ScopeSettings, after: ScopeSettings) -> Iterator[tuple[str, str, str]]:
    """Each part that differs: what it is called, what it was, what it is; empty for not set."""
    for part, (name, says) in PARTS.items():
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield part, "" if old is None else says(old), "" if new is None else says(new)

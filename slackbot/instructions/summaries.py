"""Describes settings and their history to people, with the sentences of texts.py. Pure.

All of it is in Slack's markup. What admins wrote is escaped in it, and mentions nobody.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from slackbot.conversation.ids import UserId
from slackbot.instructions import texts
from slackbot.instructions.revisions import ChangeRecord, History, Revision
from slackbot.instructions.scopes import Scope
from slackbot.instructions.settings import NO_SETTINGS, EffectiveSettings, Extra, ScopeSettings
from slackbot.markdown.excerpts import excerpt

MAX_EXCERPT_CHARS = 80
"""Of a text that is named by its beginning."""

MAX_SHOWN_CHARS = 36_000
"""Of a text that is shown whole, once it is escaped. Slack cuts messages off after 40,000. Only
instructions that consist of characters to escape are longer.
"""

MAX_HISTORY_LINES = 20


def current_settings(scope: Scope, settings: EffectiveSettings) -> str:
    """What applies in a scope, and where its text is set."""
    text = excerpt(settings.text, MAX_SHOWN_CHARS)
    return texts.current(scope, texts.source(settings.source), " · ".join(details(settings)), text)


def details(settings: EffectiveSettings) -> Iterator[str]:
    """What applies in addition to the text."""
    yield f"{texts.PART_NAMES['answering']}: {texts.ANSWERING[settings.answering]}"
    if settings.model:
        yield f"{texts.PART_NAMES['model']}: {_code(settings.model)}"
    if settings.extras:
        yield f"{texts.PART_NAMES['extras']}: {_extras(settings.extras)}"


def saved(scope: Scope, before: ScopeSettings | None, revision: Revision) -> str:
    """What a new revision changed."""
    lines = [
        f"• {part}: {new or texts.NOT_SET}" + (f" (before: {old})" if old else "")
        for part, old, new in _differences(before, revision.settings)
    ]
    if before is None:
        lines.append(f"• {texts.REPLACED_UNREADABLE}")
    return "\n".join((texts.saved(scope, revision.number), *lines))


def history_list(scope: Scope, history: History) -> str:
    """The last revisions of a scope, newest first."""
    if not history:
        return texts.no_history(scope)
    befores = (NO_SETTINGS, *(revision.settings for revision in history))
    newest = list(zip(history, befores, strict=False))[: -MAX_HISTORY_LINES - 1 : -1]
    lines = [f"{revision.number}. {_history_line(revision, before)}" for revision, before in newest]
    return "\n".join((texts.history_title(scope), *lines))


def change_line(change_record: ChangeRecord, *, private: bool) -> str:
    """When, who and where, in one line; also what was changed, unless that is `private`."""
    scope, revision = change_record.scope, change_record.revision
    if revision.settings is None:
        return texts.unreadable_change(scope, revision.number)
    what = "" if private else f": {_difference(change_record.before, revision.settings)}"
    return f"{when_and_who(revision)} in {texts.scope_location(scope)}{what}"


def when_and_who(revision: Revision) -> str:
    if revision.settings is None:
        return texts.UNREADABLE
    who = f"by {mention(revision.user)}" if revision.user else texts.FROM_A_FILE
    return f"{timestamp(revision.at)} {who}"


def author(revision: Revision) -> str:
    """Who or what made a change, as a sentence begins."""
    return mention(revision.user) if revision.user else texts.AN_IMPORT


def first_line(text: str) -> str:
    """The beginning of a text's first line."""
    return excerpt(text.split("\n", 1)[0], MAX_EXCERPT_CHARS) or "…"


def timestamp(seconds: int) -> str:
    """A time in seconds since the epoch, which Slack shows in the reader's time zone.

    https://docs.slack.dev/messaging/formatting-message-text#date-formatting
    """
    utc = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{seconds}^{{date_short_pretty}} {{time}}|{utc}>"


def mention(user: UserId) -> str:
    return f"<@{user}>"


def mentions(users: Collection[UserId]) -> str:
    return ", ".join(map(mention, sorted(users)))


def _history_line(revision: Revision, before: ScopeSettings | None) -> str:
    if revision.settings is None:
        return texts.UNREADABLE
    restored = "" if revision.restores is None else texts.restored(revision.restores)
    return f"{when_and_who(revision)}: {_difference(before, revision.settings)}{restored}"


def _difference(before: ScopeSettings | None, after: ScopeSettings | None) -> str:
    """What changed, in one line: the text by its beginning, other parts with their names."""
    text_name = texts.PART_NAMES["text"]
    parts = [
        new if new and part == text_name else f"{part}: {new or texts.NOT_SET}"
        for part, _, new in _differences(before, after)
    ]
    return "; ".join(parts) or texts.NO_CHANGES


def _differences(
    before: ScopeSettings | None, after: ScopeSettings | None
) -> Iterator[tuple[str, str, str]]:
    """The name of each part that changed, and its old and new value; empty for not set, and for
    what can't be read.
    """
    for field, name in texts.PART_NAMES.items():
        describe = _DESCRIBE[field]
        old, new = getattr(before, field, None), getattr(after, field, None)
        if old != new:
            yield name, "" if old is None else describe(old), "" if new is None else describe(new)


def _code(text: str) -> str:
    return f"`{first_line(text)}`"


def _prompts(prompts: Sequence[str]) -> str:
    return " · ".join(map(first_line, prompts)) or texts.NONE


def _extras(extras: Sequence[Extra]) -> str:
    return ", ".join(texts.EXTRAS[extra] for extra in extras) or texts.NONE


_DESCRIBE: Mapping[str, Callable[[Any], str]] = {
    "text": first_line,
    "model": _code,
    "answering": texts.ANSWERING.__getitem__,
    "extras": _extras,
    "prompts": _prompts,
}
"""How the value of each part is shown."""

"""The steps from one layout of the database to the next, for one row each.

A step gets a row with the layout's version under "v", and returns the rows that take its place. It
raises ValueError, TypeError, AttributeError or LookupError for what it can't read.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from slackbot.store import keys
from slackbot.store.sqlite.table import SqliteTable

Row = dict[str, Any]

LAYOUT_1_OPEN_SLASHES = 3
"""In the key of a waiting message of layout 1, open/TEAM/CHANNEL/TS."""

LAYOUT_3_DRAFT_SLASHES = 3
"""In a draft's key of layout 3, draft/TEAM/CHANNEL/TS: one draft for each thread."""


def to_2(table: SqliteTable, key: str, row: Row) -> dict[str, Row]:
    """Rows are sorted by kind first; a claim names its thread, and a header its last change."""
    kind, *parts = key.split("/")
    match kind, parts:
        case "claim", [team, channel, ts]:
            return {key: {"thread": _thread_1(table, team, channel, ts), "turn": None}}
        case "open", [team, channel, ts]:
            thread = row["message"]["thread"]["ts"]
            return {f"open/{team}/{channel}/{thread}/{ts}": {**row, "withdrawn": False}}
        case "thread", [team, channel, ts, "header"]:
            return {f"header/{team}/{channel}/{ts}": {**row, "touched": keys.seconds_of(ts)}}
        case "thread", [team, channel, ts, "turn", number]:
            turn = {**row, "place": [], "feedback": {}}
            return {f"turn/{team}/{channel}/{ts}/{number}": turn}
    return {key: row}


def _thread_1(table: SqliteTable, team: str, channel: str, ts: str) -> str:
    """The thread of a message that waits; of another one it is not known in layout 1, and may be
    its own.
    """
    waiting = json.loads(table.get(f"open/{team}/{channel}/{ts}") or b"{}")
    return str(waiting["message"]["thread"]["ts"] if waiting else ts)


def to_3(_: SqliteTable, key: str, row: Row) -> dict[str, Row]:
    """A refusal has words of its own, and what is set for a scope stands together."""
    kind = key.partition("/")[0]
    if kind == "turn" and row["answer"] is not None:
        answer = row["answer"]
        if answer["refusal"]:
            return {key: {**row, "answer": {**answer, "text": "", "refusal": answer["text"]}}}
        return {key: {**row, "answer": {**answer, "refusal": ""}}}
    if kind == "instructions" and "setup" not in row:
        edition = {name: row[name] for name in ("number", "at", "user", "restores")}
        return {key: {**edition, "setup": {"text": row["text"]}, "origin": ""}}
    return {key: row}


def to_4(table: SqliteTable, key: str, row: Row) -> dict[str, Row]:
    """The fields of messages, turns and revisions have the field's names, and each turn a draft of
    its own.
    """
    kind = key.partition("/")[0]
    new_key = _draft_key_4(table, key, row) if kind == "draft" else key
    return {new_key: _RENAMED_4.get(kind, dict)(row)}


def _open_4(row: Row) -> Row:
    return _renamed(row, place="reply_ts", withdrawn="deleted")


def _turn_4(row: Row) -> Row:
    turn = _renamed(row, said="messages", place="reply_ts", rounds="tool_rounds")
    turn["messages"] = [_renamed(each, asks="for_bot") for each in turn["messages"]]
    if turn["answer"] is not None:
        turn["answer"] = _renamed(turn["answer"], ending="finish_reason")
    return turn


def _revision_4(row: Row) -> Row:
    return _renamed(row, setup="settings", origin="request_ts")


def _draft_key_4(table: SqliteTable, key: str, row: Row) -> str:
    """A draft of messages that wait is named by the first one, another one by its turn's number."""
    _, team, channel, _ = key.split("/")
    first = row["said"][0]["ts"]
    if f"{key.replace('draft/', 'open/', 1)}/{first}" in table:
        return f"{key}/{first}"
    claim = json.loads(table.get(f"claim/{team}/{channel}/{first}") or b"{}")
    return f"{key}/{claim['turn']:08d}"


_RENAMED_4: Mapping[str, Callable[[Row], Row]] = {
    "open": _open_4,
    "turn": _turn_4,
    "draft": _turn_4,
    "instructions": _revision_4,
}


def to_5(_: SqliteTable, key: str, row: Row) -> dict[str, Row]:
    """A conversation is as old as its newest message by Slack's clock, and what tools did for a
    draft is appended.
    """
    kind = key.partition("/")[0]
    if kind == "header":
        header = {name: row[name] for name in row if name != "touched"}
        return {key: {**header, "newest": keys.seconds_of(key)}}
    if kind == "draft":
        return _draft_5(key, row)
    return {key: row}


def _draft_5(key: str, row: Row) -> dict[str, Row]:
    rows = {key: {**row, "tool_rounds": []}}
    for number, tool_round in enumerate(row["tool_rounds"]):
        round_key = f"{key}/{number:04d}"
        rows[round_key] = {**tool_round, "results": {}}
        for place, call in enumerate(tool_round["calls"]):
            if call["id"] in tool_round["results"]:
                result = {"call": call["id"], "result": tool_round["results"][call["id"]]}
                rows[f"{round_key}/{place:04d}"] = result
    return rows


def newest_in(key: str, row: Row) -> int:
    """When the last message in a turn, or one that waits, was posted, in seconds since the epoch,
    by Slack's clock.
    """
    times = [key.rpartition("/")[2], *row["reply_ts"]]
    times += [said["ts"] for said in row.get("messages", ()) if "ts" in said]
    return max(map(keys.seconds_of, times))


def rename_1(table: SqliteTable) -> None:
    """Gives rows of layout 1 that can't be read the keys of today, so that people are told."""
    for key in table.keys("thread/"):
        match key.split("/"):
            case _, team, channel, ts, ("header" | "turn") as kind, *number:
                _rename(table, key, "/".join((kind, team, channel, ts, *number)))
    for key in table.keys("open/"):
        if key.count("/") == LAYOUT_1_OPEN_SLASHES:
            _rename(table, key, f"{key}/{key.rpartition('/')[2]}")


def _rename(table: SqliteTable, key: str, new_key: str) -> None:
    if new_key not in table:
        table.put(new_key, table.get(key) or b"")
    table.remove(key)


def index_revisions_2(table: SqliteTable, version: int) -> None:
    """Revisions that are older than the rows which keep the order of all changes get such rows."""
    possible = filter(keys.is_possible, table.keys("instructions/"))
    for team in sorted({keys.team_of(key) for key in possible}):
        prefix = f"amended/{team}/"
        if table.keys(prefix):
            continue
        revisions = []
        for key, value in table.range(f"instructions/{team}/", f"instructions/{team}/"):
            with suppress(LookupError, TypeError, ValueError, OverflowError, RecursionError):
                if keys.is_possible(key):
                    revisions.append((int(json.loads(value)["at"]), key))
        revisions.sort()
        for number, (_, key) in enumerate(revisions, 1):
            _, _, channel, thread, revision = key.split("/")
            parts = ("" if part == keys.OPEN_SCOPE_PART else part for part in (channel, thread))
            scope = dict(zip(("channel", "thread"), parts, strict=True))
            row = {"scope": {"team": team, **scope}, "number": int(revision)}
            table.put(f"{prefix}{number:08d}", encode(version, row))


def drop_drafts_3(table: SqliteTable) -> None:
    """Drops drafts that belong to no turn: nobody reads them, and forgetting does not find them."""
    for key in table.keys("draft/"):
        if key.count("/") == LAYOUT_3_DRAFT_SLASHES:
            table.remove(key)


def encode(version: int, row: Row) -> bytes:
    text = json.dumps({**row, "v": version}, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def _renamed(row: Row, **names: str) -> Row:
    return {names.get(name, name): value for name, value in row.items()}

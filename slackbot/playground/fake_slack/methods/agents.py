"""agents.sessions.*: the status of a thread's agent session.

While it is `processing`, Slack shows its own Stop button in the thread.
"""

from slackbot.playground.fake_slack.call_arguments import CallArguments
from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.methods.assistant import thread_of
from slackbot.playground.fake_slack.records import WorkspaceRecords
from slackbot.playground.json_types import Json

STATUSES = ("processing", "active", "suspended", "closed")
MAX_TITLE = 200


def set_status(records: WorkspaceRecords, args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/agents.sessions.setStatus

    The first call begins the session; only then `title` counts.
    """
    if not records.is_agent:
        raise RefusedError("not_authorized")
    channel, ts = thread_of(records, args)
    args.needed("status")
    status = session_status(args, "status")
    if len(args.text("title")) > MAX_TITLE:
        raise RefusedError("invalid_arguments", f"title must have at most {MAX_TITLE} characters")
    if (channel.id, ts) not in records.sessions and args.text("title"):
        records.titles[channel.id, ts] = args.text("title")
    records.sessions[channel.id, ts] = status
    return {"status": status, "agent_status": status}


def session_status(args: CallArguments, name: str) -> str:
    """Returns a status that a call names; `active` if none."""
    status = args.text(name) or "active"
    if status not in STATUSES:
        raise RefusedError("invalid_arguments", f"{name} must be one of {', '.join(STATUSES)}")
    return status

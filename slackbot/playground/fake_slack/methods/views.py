"""views.*: modals and home tabs."""

from slackbot.playground.fake_slack.call_arguments import CallArguments
from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.records import WorkspaceRecords
from slackbot.playground.json_types import Json


def open_view(records: WorkspaceRecords, args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/views.open"""
    view = _view(args, "modal")
    user = records.views.exchange(args.needed("trigger_id"))
    return {"view": records.views.open(user, view)}


def push(records: WorkspaceRecords, args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/views.push"""
    view = _view(args, "modal")
    user = records.views.exchange(args.needed("trigger_id"))
    return {"view": records.views.push(user, view)}


def update(records: WorkspaceRecords, args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/views.update"""
    key = "external_id" if "external_id" in args else "id"
    shown = records.views.find(key, args.text("external_id") or args.needed("view_id"))
    if args.text("hash") not in ("", shown["hash"]):
        raise RefusedError("hash_conflict")
    return {"view": records.views.update(shown, _view(args, shown["type"]))}


def publish(records: WorkspaceRecords, args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/views.publish"""
    user = args.needed("user_id")
    if user not in records.people:
        raise RefusedError("user_not_found")
    view = _view(args, "home")
    shown = records.views.homes.get(user)
    if shown is not None and args.text("hash") not in ("", shown["hash"]):
        raise RefusedError("hash_conflict")
    return {"view": records.views.publish(user, view)}


def _view(args: CallArguments, kind: str) -> Json:
    view = args.object("view")
    if view is None or view.get("type") != kind:
        raise RefusedError("invalid_arguments", f"view must be of type {kind}")
    return view

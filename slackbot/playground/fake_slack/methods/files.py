"""files.*: shared files and the app's uploads.

https://docs.slack.dev/messaging/working-with-files#upload - an upload takes three steps: get a URL,
POST the content to it, and complete the upload.
"""

import mimetypes

from slackbot.playground.fake_slack import event_payloads
from slackbot.playground.fake_slack.call_arguments import CallArguments
from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.files import StoredFile
from slackbot.playground.fake_slack.messages import new_version
from slackbot.playground.fake_slack.methods.chat import thread_of, writable
from slackbot.playground.fake_slack.records import WorkspaceRecords
from slackbot.playground.json_types import Json


def info(records: WorkspaceRecords, args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/files.info"""
    file = records.files.find(args.needed("file"))
    if file.shared and not any(records.bot.id in each.members for each in file.shared):
        raise RefusedError("file_not_found")
    return {"file": records.files.json(file), "comments": []}


def get_upload_url(records: WorkspaceRecords, args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/files.getUploadURLExternal"""
    name = args.needed("filename")
    if args.number("length", 0) <= 0:
        raise RefusedError("invalid_arguments", "length must be greater than 0")
    mimetype = mimetypes.guess_type(name)[0] or "application/octet-stream"
    file = records.files.add(name, records.bot, mimetype)
    return {"upload_url": records.files.upload_url(file), "file_id": file.id}


def complete_upload(records: WorkspaceRecords, args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/files.completeUploadExternal

    Shares the files in a channel if one is named.
    """
    files = [_complete(records, entry) for entry in args.list("files")]
    if not files:
        raise RefusedError("invalid_arguments", "missing required field: files")
    channel_id = args.text("channel_id") or args.text("channels")
    channel = writable(records, channel_id) if channel_id else None
    for file in files:
        file.shared += [channel] if channel else []
    shared = [records.files.json(file) for file in files]
    if channel:
        message = records.post(
            records.bot,
            channel,
            new_version(args.text("initial_comment")),
            thread_ts=thread_of(records, channel, args),
            subtype="file_share",
            files=shared,
        )
        records.send_channel_event(channel, event_payloads.posted(message, channel))
    return {"files": shared}


def _complete(records: WorkspaceRecords, entry: Json) -> StoredFile:
    file = records.files.find(str(entry.get("id")))
    if not file.content:
        raise RefusedError("file_not_found", "nothing was uploaded")
    file.title = entry.get("title") or file.name
    return file

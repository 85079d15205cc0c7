"""All that happened in one thread, to find out why its answer is wrong."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from slackbot.conversation.history import Conversation
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.fake_slack.workspace import Workspace

MAX_TEXT = 60


def thread_events(workspace: Workspace, root: PostedMessage, stored: Conversation) -> str:
    """The deliveries and calls of a thread in order, then what Slack shows and what is stored."""
    here = {each.ts for each in workspace.messages.values() if _is_in(each, root)}
    here |= {ts for turn in stored.turns for ts in turn.reply_ts}  # perhaps in the channel
    happened = sorted([*_deliveries(workspace, root), *_calls(workspace, root, here)])
    began = happened[0][0] if happened else 0.0
    return "\n".join(
        [
            f"  thread {root.channel} {root.ts}",
            *(f"  {at - began:8.3f} {line}" for at, line in happened),
            *(f"  Slack shows {line}" for line in _shown(workspace, root, here)),
            *(f"  stored: {line}" for line in _stored(stored)),
        ]
    )


def _deliveries(workspace: Workspace, root: PostedMessage) -> Iterator[tuple[float, str]]:
    for delivery in workspace.deliveries:
        event = delivery.event
        message = event.get("message") or event.get("previous_message") or event
        is_here = (message.get("thread_ts") or message.get("ts")) == root.ts
        if event.get("channel") == root.channel and is_here and not message.get("bot_id"):
            kind = event.get("subtype") or event.get("type", delivery.kind)
            known = "acknowledged" if delivery.acknowledged else "not acknowledged"
            known += f" ({delivery.attempts} attempts, retry {delivery.retry})"
            text = message.get("text", "")[-MAX_TEXT:]
            yield delivery.started, f"{kind} of {message.get('ts')}: {text!r}, {known}"


def _calls(
    workspace: Workspace, root: PostedMessage, here: AbstractSet[str]
) -> Iterator[tuple[float, str]]:
    for call in workspace.calls:
        args = call.args
        channel = args.get("channel") or args.get("channel_id")
        if channel == root.channel and (args.get("thread_ts") or args.get("ts")) in here:
            text = str(args.get("text") or args.get("chunks") or args.get("status") or "")
            answer = call.error or call.status or "no answer"
            ts = call.answer.get("ts", "") or args.get("ts", "")
            seconds = call.ended - call.started
            line = f"{call.method} {ts}: {text[-MAX_TEXT:]!r}, {answer} after {seconds:.3f} s"
            yield call.started, f"    {line}"


def _shown(workspace: Workspace, root: PostedMessage, here: AbstractSet[str]) -> Iterator[str]:
    for message in workspace.messages.values():
        if message.channel == root.channel and message.ts in here:
            gone = " (deleted)" if message.deleted else ""
            metadata = (message.metadata or {}).get("event_payload", "")
            text = f"{message.shown[:MAX_TEXT]!r} … {message.shown[-MAX_TEXT:]!r}"
            yield f"{message.ts} {message.author.name}{gone}: {text} {metadata}"


def _stored(stored: Conversation) -> Iterator[str]:
    for turn in stored.turns:
        said = [(each.ts, each.text[-MAX_TEXT:], each.edited_ts) for each in turn.messages]
        answer = None if turn.answer is None else turn.answer.text[:MAX_TEXT]
        yield f"{said} -> {answer!r} in {turn.reply_ts}"


def _is_in(message: PostedMessage, root: PostedMessage) -> bool:
    return message.channel == root.channel and (message.thread_ts or message.ts) == root.ts

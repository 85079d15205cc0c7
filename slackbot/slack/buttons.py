"""The buttons under a reply as Slack's blocks, and the presses that Slack sends.

https://docs.slack.dev/reference/block-kit/blocks/context-actions-block
https://docs.slack.dev/reference/interaction-payloads/block_actions-payload

A press is about the message under which it was made, and names it more than once: where the names
differ, it is ignored. What the person can do with that answer is looked up.
"""

from collections.abc import Mapping
from typing import Any, cast

from slackbot.conversation.controls import Button, Confirm, Controls, Press
from slackbot.conversation.ids import ChannelId, Ts, UserId
from slackbot.conversation.messages import ThreadKey
from slackbot.slack import texts
from slackbot.slack.identity import Identity

PREFIX = "slackbot_"
FEEDBACK = f"{PREFIX}feedback"
STOP = f"{PREFIX}stop"

Block = dict[str, Any]


def blocks(controls: Controls) -> list[Block]:
    """The blocks to put under a message."""
    if isinstance(controls, Confirm):
        return [
            _row(*(_button(name, label, controls.question) for name, label in CONFIRMING.items()))
        ]
    return BLOCKS[controls]


def press_from(body: Mapping[str, Any], me: Identity) -> Press | None:
    """The press in an interaction; None if no button of ours sent it."""
    try:
        action, container = body["actions"][0], body["container"]
        channel, ts = container["channel_id"], container["message_ts"]
        thread_ts = container.get("thread_ts") or body["message"].get("thread_ts") or ts
        kind = action["value"] if action["action_id"] == FEEDBACK else action["action_id"]
        button = kind.removeprefix(PREFIX)
        user = body["user"]["id"]
    except (KeyError, IndexError, TypeError, AttributeError):
        return None
    if not _is_of_one_message(body, channel, ts, me):
        return None
    known = FEEDBACK_VALUES if action["action_id"] == FEEDBACK else BUTTONS
    if button not in known or not all(isinstance(each, str) for each in (channel, ts, user)):
        return None
    thread = ThreadKey(me.team, ChannelId(channel), Ts(str(thread_ts)))
    call = action.get("value") if button in ("confirm", "decline") else ""
    pressed_at = Ts(str(action.get("action_ts") or ""))
    return Press(thread, Ts(ts), UserId(user), cast("Button", button), str(call or ""), pressed_at)


def _is_of_one_message(body: Mapping[str, Any], channel: object, ts: object, me: Identity) -> bool:
    """Whether all that an interaction says of its message fits, and the message is the bot's."""
    there, message = body.get("channel"), body.get("message")
    named = [(channel, there.get("id"))] if isinstance(there, dict) else []
    if isinstance(message, dict):
        named += [(ts, message.get("ts", ts)), (me.user, message.get("user", me.user))]
    return all(one == other for one, other in named)


def _row(*elements: Block) -> Block:
    return {"type": "actions", "elements": list(elements)}


def _button(name: Button, label: str, value: str = "") -> Block:
    text = {"type": "plain_text", "text": label}
    button = {"type": "button", "action_id": PREFIX + name, "text": text}
    return {**button, "value": value} if value else button


def _thumb(verdict: Button, sign: str, label: str) -> Block:
    return {
        "text": {"type": "plain_text", "text": sign},
        "value": verdict,
        "accessibility_label": label,
    }


FEEDBACK_BUTTONS: Block = {
    "type": "context_actions",
    "elements": [
        {
            "type": "feedback_buttons",
            "action_id": FEEDBACK,
            "positive_button": _thumb("good", "👍", texts.GOOD_ANSWER),
            "negative_button": _thumb("bad", "👎", texts.BAD_ANSWER),
        }
    ],
}

BLOCKS: Mapping[Controls, list[Block]] = {
    "none": [],
    "stop": [_row(_button("stop", texts.STOP))],
    "failed": [_row(_button("again", texts.TRY_AGAIN))],
    "finished": [FEEDBACK_BUTTONS, _row(_button("again", texts.REGENERATE))],
}

CONFIRMING: Mapping[Button, str] = {
    "confirm": texts.CONFIRM,
    "decline": texts.DECLINE,
    "stop": texts.STOP,
}

BUTTONS = frozenset({"stop", "again", "confirm", "decline"})
FEEDBACK_VALUES = frozenset({"good", "bad"})

from operator import itemgetter
from typing import Any, Literal

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_slack.members import Channel, Person
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.fake_slack.workspace import Workspace
from tests.playground.fake_slack.bare_app import BareApp

BUTTONS: list[dict[str, Any]] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "It broke off."}},
    {
        "type": "actions",
        "block_id": "b1",
        "elements": [
            {
                "type": "button",
                "action_id": "again",
                "text": {"type": "plain_text", "text": "Try again"},
                "value": "42",
            }
        ],
    },
]


MODAL = {
    "type": "modal",
    "callback_id": "edit",
    "title": {"type": "plain_text", "text": "Instructions"},
    "submit": {"type": "plain_text", "text": "Save"},
    "private_metadata": "C1",
    "blocks": [
        {
            "type": "input",
            "block_id": "text",
            "label": {"type": "plain_text", "text": "Text"},
            "element": {"type": "plain_text_input", "action_id": "value"},
        }
    ],
}


def option(value: str) -> dict[str, Any]:
    return {"text": {"type": "plain_text", "text": value}, "value": value}


def asked(block_id: str, kind: str, **more: Any) -> dict[str, Any]:
    label = {"type": "plain_text", "text": "?"}
    element = {"type": kind, "action_id": "value", **more}
    return {"type": "input", "block_id": block_id, "label": label, "element": element}


CHOICES: dict[str, Any] = {
    **MODAL,
    "blocks": [
        asked("text", "plain_text_input", initial_value="as it was"),
        asked("model", "external_select", initial_option=option("m1")),
        asked("mode", "radio_buttons", options=[option("a"), option("b")]),
        asked("more", "checkboxes", options=[option("x"), option("y")]),
        asked("file", "file_input"),
    ],
}


@pytest.fixture
async def question(workspace: Workspace, api: AsyncWebClient, channel: Channel) -> PostedMessage:
    """A message of the bot with a button."""
    ts = (await api.chat_postMessage(channel=channel.id, text="a", blocks=BUTTONS))["ts"]
    return workspace.messages[channel.id, ts]


async def test_commands(workspace: Workspace, app: BareApp, ann: Person, channel: Channel) -> None:
    """A command's answer is shown to the person alone, and returned."""
    app.answers["slash_commands"] = {"text": "done"}
    assert await workspace.command(ann, channel, "/instructions", "show") == {"text": "done"}
    (envelope,) = app.received
    assert envelope["accepts_response_payload"] is True
    payload = envelope["payload"]
    assert (payload["command"], payload["text"]) == ("/instructions", "show")
    assert (payload["user_id"], payload["channel_id"]) == (ann.id, channel.id)
    (notice,) = workspace.ephemerals
    assert (notice.user, notice.text) == (ann.id, "done")


async def test_clicks(
    workspace: Workspace,
    app: BareApp,
    session: aiohttp.ClientSession,
    ann: Person,
    question: PostedMessage,
) -> None:
    """A click says who, where and on what; its response URL changes or removes the message."""
    assert question.shown == "It broke off."
    await workspace.click(ann, question, "again")
    payload = app.received[-1]["payload"]
    assert payload["user"]["id"] == ann.id
    assert payload["container"]["message_ts"] == question.ts
    (action,) = payload["actions"]
    assert (action["action_id"], action["block_id"], action["value"]) == ("again", "b1", "42")
    with pytest.raises(LookupError, match="never"):
        await workspace.click(ann, question, "never")
    async with session.post(
        payload["response_url"], json={"text": "b", "replace_original": True}
    ) as answer:
        assert answer.status == 200
    assert question.shown == "b"
    async with session.post(payload["response_url"], json={"delete_original": True}) as answer:
        assert answer.status == 200
    assert question.deleted


async def test_the_home_tab(
    workspace: Workspace, app: BareApp, api: AsyncWebClient, ann: Person
) -> None:
    """Opening the home tab sends an event, with the published view if there is one."""
    await workspace.open_home(ann)
    blocks = [{"type": "divider", "block_id": "line"}]
    await api.views_publish(user_id=ann.id, view={"type": "home", "blocks": blocks})
    await workspace.open_home(ann)
    await workspace.open_home(ann, "messages")
    assert [event["tab"] for event in app.events] == ["home", "home", "messages"]
    assert [event.get("view", {}).get("blocks") for event in app.events] == [None, blocks, None]


async def test_forged_clicks(
    workspace: Workspace, app: BareApp, ann: Person, question: PostedMessage
) -> None:
    """A forged click can have any content and message, and is otherwise like a real one."""
    app.answers["interactive"] = {"text": "no"}
    assert await workspace.forge_click(ann, question, "never", "7") == {"text": "no"}
    payload = app.received[-1]["payload"]
    assert payload["user"]["id"] == ann.id
    assert payload["container"]["message_ts"] == question.ts
    (action,) = payload["actions"]
    assert (action["type"], action["action_id"], action["value"]) == ("button", "never", "7")
    elsewhere = {"type": "message", "channel_id": "C404", "message_ts": "1.0", "thread_ts": "1.0"}
    await workspace.forge_click(ann, question, "again", container=elsewhere, message=None)
    payload = app.received[-1]["payload"]
    assert (payload["container"], payload["message"]) == (elsewhere, None)
    assert payload["type"] == "block_actions"


async def test_the_stop_button(
    workspace: Workspace, app: BareApp, api: AsyncWebClient, ann: Person, channel: Channel
) -> None:
    """While the session is processing, stop ends the streams of its thread and names them; then the
    message can be updated. The session stays as it is.
    """
    threads = [await workspace.say(ann, channel, text) for text in "ab"]
    with pytest.raises(LookupError):
        await workspace.stop(ann, channel, threads[0].ts)
    await api.agents_sessions_setStatus(
        channel_id=channel.id, thread_ts=threads[0].ts, status="processing"
    )
    recipient: Any = {"recipient_user_id": ann.id, "recipient_team_id": workspace.team.team_id}
    streams = [
        (await api.chat_startStream(channel=channel.id, thread_ts=thread.ts, **recipient))["ts"]
        for thread in threads
    ]
    await workspace.stop(ann, channel, threads[0].ts)
    event = app.events[-1]
    event_ts = event.pop("event_ts")
    assert event_ts > streams[1]
    assert event == {
        "type": "agent_session_stopped",
        "user": ann.id,
        "channel": channel.id,
        "thread_ts": threads[0].ts,
        "streaming_message_ts": [streams[0]],
    }
    for method in ("chat.appendStream", "chat.stopStream"):
        late = {"channel": channel.id, "ts": streams[0], "markdown_text": "c"}
        with pytest.raises(SlackApiError, match="stopped_by_user"):
            await api.api_call(method, json=late)
    await api.chat_update(channel=channel.id, ts=streams[0], text="c")
    await api.chat_appendStream(channel=channel.id, ts=streams[1], markdown_text="c")
    await workspace.stop(ann, channel, threads[0].ts)
    assert app.events[-1]["streaming_message_ts"] == []
    assert workspace.sessions == {(channel.id, threads[0].ts): "processing"}


@pytest.mark.parametrize("error", ["account_inactive", "token_revoked"])
async def test_uninstalling(
    workspace: Workspace,
    app: BareApp,
    api: AsyncWebClient,
    channel: Channel,
    error: Literal["account_inactive", "token_revoked"],
) -> None:
    """The app gets the events of its removal, and its bot's token is refused."""
    await workspace.uninstall(error)
    assert all(float(event.pop("event_ts")) for event in app.events)
    assert sorted(app.events, key=itemgetter("type")) == [
        {"type": "app_uninstalled"},
        {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [workspace.bot.id]}},
    ]
    assert all(delivery.acknowledged for delivery in workspace.deliveries)
    for method in ("auth.test", "chat.postMessage"):
        with pytest.raises(SlackApiError, match=error):
            await api.api_call(method, json={"channel": channel.id, "text": "a"})


async def test_options_that_the_app_gives(workspace: Workspace, app: BareApp, ann: Person) -> None:
    """The app is asked for options with the typed text."""
    view = workspace.views.open(ann.id, {**CHOICES, "blocks": [CHOICES["blocks"][1]]})
    app.answers["interactive"] = {"options": [option("m1")]}
    assert await workspace.suggestions(ann, view, "value", "m") == [option("m1")]
    payload = app.received[-1]["payload"]
    assert (payload["type"], payload["value"]) == ("block_suggestion", "m")
    assert (payload["block_id"], payload["view"]["id"]) == ("model", view["id"])

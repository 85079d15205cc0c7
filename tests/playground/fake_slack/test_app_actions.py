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


FEEDBACK = {
    "type": "context_actions",
    "elements": [
        {
            "type": "feedback_buttons",
            "action_id": "feedback",
            "positive_button": {"text": {"type": "plain_text", "text": "Yes"}, "value": "good"},
            "negative_button": {"text": {"type": "plain_text", "text": "No"}, "value": "bad"},
        }
    ],
}
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
    """A message of the bot's with a button."""
    ts = (await api.chat_postMessage(channel=channel.id, text="a", blocks=BUTTONS))["ts"]
    return workspace.messages[channel.id, ts]


async def test_commands(workspace: Workspace, app: BareApp, ann: Person, channel: Channel) -> None:
    """A command's answer is shown to the person alone, and returned."""
    app.answers["slash_commands"] = {"text": "done"}
    assert await workspace.command(ann, channel, "/instructions", "show") == {"text": "done"}
    (envelope,) = app.heard
    assert envelope["accepts_response_payload"] is True
    payload = envelope["payload"]
    assert (payload["command"], payload["text"]) == ("/instructions", "show")
    assert (payload["user_id"], payload["channel_id"]) == (ann.id, channel.id)
    (notice,) = workspace.ephemerals
    assert (notice.user, notice.text) == (ann.id, "done")


async def test_response_urls(
    workspace: Workspace,
    app: BareApp,
    session: aiohttp.ClientSession,
    ann: Person,
    channel: Channel,
) -> None:
    """The response URL of a command shows to the person alone, or to the channel on request."""
    await workspace.command(ann, channel, "/instructions", "")
    url = app.heard[0]["payload"]["response_url"]
    for response, status in (
        ({"text": "a"}, 200),
        ({"text": "b", "response_type": "in_channel"}, 200),
        ({"blocks": [{"type": "hologram"}]}, 400),
    ):
        async with session.post(url, json=response) as answer:
            assert answer.status == status
    async with session.post(f"{url}x", json={"text": "c"}) as answer:
        assert answer.status == 404
    assert [notice.text for notice in workspace.ephemerals] == ["a"]
    assert [message.text for message in workspace.messages.values()] == ["b"]


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
    payload = app.heard[-1]["payload"]
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


async def test_modals(
    workspace: Workspace, app: BareApp, api: AsyncWebClient, ann: Person, channel: Channel
) -> None:
    """A modal is opened with a command's trigger, once; submitting it sends what was filled in."""
    await workspace.command(ann, channel, "/instructions", "set")
    trigger = app.heard[0]["payload"]["trigger_id"]
    await api.views_open(trigger_id=trigger, view=MODAL)
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        await api.views_open(trigger_id=trigger, view=MODAL)
    (view,) = workspace.views.modals[ann.id]
    assert view["private_metadata"] == "C1"
    await workspace.submit_view(ann, view, {"text": {"value": "Be kind."}})
    submitted = app.heard[-1]["payload"]
    assert submitted["type"] == "view_submission"
    assert submitted["view"]["state"]["values"] == {
        "text": {"value": {"type": "plain_text_input", "value": "Be kind."}}
    }
    assert workspace.views.modals[ann.id] == []


@pytest.mark.parametrize(
    ("response", "titles"),
    [
        (None, []),
        ({"response_action": "clear"}, []),
        ({"response_action": "errors", "errors": {"text": "no"}}, ["Instructions"]),
        ({"response_action": "update", "view": MODAL}, ["Instructions"]),
        ({"response_action": "push", "view": MODAL}, ["Instructions", "Instructions"]),
    ],
)
async def test_answers_to_a_submission(
    workspace: Workspace,
    app: BareApp,
    ann: Person,
    response: dict[str, Any] | None,
    titles: list[str],
) -> None:
    """The answer to a submission closes the modal, keeps it with errors, or shows another."""
    app.answers["interactive"] = response
    view = workspace.views.open(ann.id, MODAL)
    assert await workspace.submit_view(ann, view, {}) == (response or {})
    assert [shown["title"]["text"] for shown in workspace.views.modals[ann.id]] == titles


async def test_unacknowledged_submissions(workspace: Workspace, app: BareApp, ann: Person) -> None:
    """A submission that the app does not acknowledge leaves the modal, and is sent once."""
    app.deaf = True
    workspace.feed.ack_timeout = 0.02
    view = workspace.views.open(ann.id, MODAL)
    await workspace.submit_view(ann, view, {})
    assert workspace.views.modals[ann.id] == [view]
    assert workspace.deliveries[-1].attempts == 1


async def test_submissions_of_what_was_closed(
    workspace: Workspace, app: BareApp, ann: Person
) -> None:
    """A late answer to the submission of a modal that was closed meanwhile touches no other."""
    view = workspace.views.open(ann.id, MODAL)
    workspace.views.closed(ann.id, view)
    await workspace.submit_view(ann, view, {})
    assert workspace.views.modals[ann.id] == []
    other = workspace.views.open(ann.id, MODAL)
    await workspace.submit_view(ann, view, {})
    assert workspace.views.modals[ann.id] == [other]
    assert [each["payload"]["type"] for each in app.heard] == ["view_submission"] * 2


async def test_the_home_tab(
    workspace: Workspace, app: BareApp, api: AsyncWebClient, ann: Person
) -> None:
    """Opening the home tab is told, with the view that is there, if one is."""
    await workspace.open_home(ann)
    blocks = [{"type": "divider", "block_id": "line"}]
    await api.views_publish(user_id=ann.id, view={"type": "home", "blocks": blocks})
    await workspace.open_home(ann)
    await workspace.open_home(ann, "messages")
    assert [event["tab"] for event in app.events] == ["home", "home", "messages"]
    assert [event.get("view", {}).get("blocks") for event in app.events] == [None, blocks, None]


async def test_feedback(
    workspace: Workspace, app: BareApp, api: AsyncWebClient, ann: Person, channel: Channel
) -> None:
    """Of two feedback buttons one is clicked, and a third there is not."""
    ts = (await api.chat_postMessage(channel=channel.id, text="a", blocks=[FEEDBACK]))["ts"]
    answer = workspace.messages[channel.id, ts]
    for value, label in (("good", "Yes"), ("bad", "No")):
        await workspace.click(ann, answer, "feedback", value)
        (action,) = app.heard[-1]["payload"]["actions"]
        assert (action["type"], action["action_id"]) == ("feedback_buttons", "feedback")
        assert (action["value"], action["text"]["text"]) == (value, label)
    for neither in ("", "splendid"):
        with pytest.raises(LookupError, match="feedback"):
            await workspace.click(ann, answer, "feedback", neither)


async def test_forged_clicks(
    workspace: Workspace, app: BareApp, ann: Person, question: PostedMessage
) -> None:
    """A forged click says whatever it is to say, of whatever message, and is otherwise like any."""
    app.answers["interactive"] = {"text": "no"}
    assert await workspace.forge_click(ann, question, "never", "7") == {"text": "no"}
    payload = app.heard[-1]["payload"]
    assert payload["user"]["id"] == ann.id
    assert payload["container"]["message_ts"] == question.ts
    (action,) = payload["actions"]
    assert (action["type"], action["action_id"], action["value"]) == ("button", "never", "7")
    elsewhere = {"type": "message", "channel_id": "C404", "message_ts": "1.0", "thread_ts": "1.0"}
    await workspace.forge_click(ann, question, "again", container=elsewhere, message=None)
    payload = app.heard[-1]["payload"]
    assert (payload["container"], payload["message"]) == (elsewhere, None)
    assert payload["type"] == "block_actions"


async def test_the_stop_button(
    workspace: Workspace, app: BareApp, api: AsyncWebClient, ann: Person, channel: Channel
) -> None:
    """Stop ends the streams of its thread and names them; then the message can be updated."""
    threads = [await workspace.say(ann, channel, text) for text in "ab"]
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


@pytest.mark.parametrize("error", ["account_inactive", "token_revoked"])
async def test_uninstalling(
    workspace: Workspace,
    app: BareApp,
    api: AsyncWebClient,
    channel: Channel,
    error: Literal["account_inactive", "token_revoked"],
) -> None:
    """The app is told that it is removed, and from then on its bot's token is refused."""
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


async def test_the_state_of_a_modal(workspace: Workspace, app: BareApp, ann: Person) -> None:
    """What is not touched has the state that it was shown with; the rest that which was given."""
    view = workspace.views.open(ann.id, CHOICES)
    await workspace.submit_view(ann, view, {})
    values = app.heard[-1]["payload"]["view"]["state"]["values"]
    assert values["text"]["value"] == {"type": "plain_text_input", "value": "as it was"}
    assert values["model"]["value"]["selected_option"] == option("m1")
    assert values["mode"]["value"]["selected_option"] is None
    assert values["more"]["value"]["selected_options"] == []
    view = workspace.views.open(ann.id, CHOICES)
    filled: dict[str, dict[str, Any]] = {
        "model": {"value": "m2"},
        "mode": {"value": "b"},
        "more": {"value": ["y"]},
    }
    await workspace.submit_view(ann, view, filled)
    values = app.heard[-1]["payload"]["view"]["state"]["values"]
    assert values["model"]["value"]["selected_option"] == option("m2")
    assert values["mode"]["value"]["selected_option"] == option("b")
    assert values["more"]["value"]["selected_options"] == [option("y")]
    assert values["file"]["value"]["files"] == []


async def test_a_choice_in_a_modal(workspace: Workspace, app: BareApp, ann: Person) -> None:
    """A click on an option names it, and comes with all that is filled in."""
    choice = {"type": "actions", "block_id": "scope", "elements": [CHOICES["blocks"][2]["element"]]}
    view = workspace.views.open(ann.id, {**CHOICES, "blocks": [CHOICES["blocks"][0], choice]})
    await workspace.click(
        ann, view, "value", "b", block_id="scope", filled={"text": {"value": "t"}}
    )
    payload = app.heard[-1]["payload"]
    assert payload["actions"][0]["selected_option"] == option("b")
    assert payload["view"]["state"]["values"]["text"]["value"]["value"] == "t"


async def test_options_that_the_app_gives(workspace: Workspace, app: BareApp, ann: Person) -> None:
    """It is asked for them with what was typed."""
    view = workspace.views.open(ann.id, {**CHOICES, "blocks": [CHOICES["blocks"][1]]})
    app.answers["interactive"] = {"options": [option("m1")]}
    assert await workspace.suggestions(ann, view, "value", "m") == [option("m1")]
    payload = app.heard[-1]["payload"]
    assert (payload["type"], payload["value"]) == ("block_suggestion", "m")
    assert (payload["block_id"], payload["view"]["id"]) == ("model", view["id"])

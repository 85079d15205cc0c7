import asyncio
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.members import Channel, Person
from slackbot.playground.messages import PostedMessage
from slackbot.playground.workspace import Workspace
from tests.playground.bare_app import BareApp

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


@pytest.fixture
def ann(workspace: Workspace) -> Person:
    return workspace.add_person("ann")


@pytest.fixture
def channel(workspace: Workspace, ann: Person) -> Channel:
    return workspace.add_channel("general", members=[ann])


@pytest.fixture
async def question(workspace: Workspace, api: AsyncWebClient, channel: Channel) -> PostedMessage:
    """A message of the bot's with a button."""
    ts = (await api.chat_postMessage(channel=channel.id, text="a", blocks=BUTTONS))["ts"]
    return workspace.messages[channel.id, ts]


async def test_a_message_is_told(
    workspace: Workspace, app: BareApp, ann: Person, channel: Channel
) -> None:
    """What a person says arrives at the app as a message of that channel."""
    message = await workspace.say(ann, channel, "a &amp; b")
    (event,) = app.events
    assert event["type"] == "message"
    assert event["channel"] == channel.id
    assert event["channel_type"] == "channel"
    assert event["user"] == ann.id
    assert event["ts"] == message.ts
    assert event["text"] == "a &amp; b"
    assert "thread_ts" not in event
    assert "bot_id" not in event


@pytest.mark.parametrize("first", [False, True])
async def test_a_mention_arrives_twice(
    workspace: Workspace, app: BareApp, ann: Person, channel: Channel, *, first: bool
) -> None:
    """A mention comes as message and app_mention, in either order, with different event ids."""
    workspace.mention_first = first
    message = await workspace.say(ann, channel, f"hi {workspace.bot.mention}")
    kinds = [event["type"] for event in app.events]
    assert kinds == (["app_mention", "message"] if first else ["message", "app_mention"])
    assert {event["ts"] for event in app.events} == {message.ts}
    assert len({frame["payload"]["event_id"] for frame in app.heard}) == 2


async def test_what_is_no_mention(workspace: Workspace, app: BareApp, ann: Person) -> None:
    """In a direct message, and in what another app says, naming the bot is only a message."""
    await workspace.say(ann, workspace.direct_message(ann), f"hi {workspace.bot.mention}")
    other = workspace.add_person("other", bot=True)
    await workspace.say(other, workspace.add_channel("general"), f"hi {workspace.bot.mention}")
    assert [event["type"] for event in app.events] == ["message", "message"]
    assert [event["channel_type"] for event in app.events] == ["im", "channel"]
    assert app.events[1]["bot_id"] == other.bot_id


async def test_where_the_bot_is_not(workspace: Workspace, app: BareApp, ann: Person) -> None:
    """Outside its channels the app hears nothing but its name, and that in public only."""
    public = workspace.add_channel("open", with_bot=False)
    private = workspace.add_channel("secret", private=True, with_bot=False)
    for channel in (public, private):
        await workspace.say(ann, channel, "hi")
        await workspace.say(ann, channel, f"hi {workspace.bot.mention}")
    assert [(event["type"], event["channel"]) for event in app.events] == [
        ("app_mention", public.id)
    ]


async def test_kinds_of_channels(workspace: Workspace, app: BareApp, ann: Person) -> None:
    """An event says of what kind its channel is; there is one direct message for each person."""
    ben = workspace.add_person("ben")
    assert workspace.direct_message(ann) is workspace.direct_message(ann)
    for channel in (
        workspace.add_channel("secret", private=True),
        workspace.group_message(ann, ben),
        workspace.direct_message(ann),
    ):
        await workspace.say(ann, channel, "hi")
    assert [event["channel_type"] for event in app.events] == ["group", "mpim", "im"]


async def test_threads(workspace: Workspace, app: BareApp, ann: Person, channel: Channel) -> None:
    """A thread is its first message and the replies, in order."""
    first = await workspace.say(ann, channel, "a")
    await workspace.say(ann, channel, "elsewhere")
    second = await workspace.say(ann, channel, "b", thread=first.ts)
    assert workspace.thread(channel, first.ts) == [first, second]
    assert app.events[-1]["thread_ts"] == first.ts


async def test_edits_and_deletions(
    workspace: Workspace, app: BareApp, ann: Person, channel: Channel
) -> None:
    """An edit or deletion arrives as a hidden event about the earlier message."""
    message = await workspace.say(ann, channel, "a")
    await workspace.edit(ann, message, "b")
    await workspace.delete(ann, message)
    _, changed, deleted = app.events
    assert (changed["subtype"], changed["hidden"]) == ("message_changed", True)
    assert changed["message"]["text"] == "b"
    assert changed["message"]["edited"]["user"] == ann.id
    assert changed["previous_message"]["text"] == "a"
    assert changed["ts"] != message.ts
    assert (deleted["subtype"], deleted["deleted_ts"]) == ("message_deleted", message.ts)
    assert workspace.thread(channel, message.ts) == []


async def test_other_peoples_messages(
    workspace: Workspace, app: BareApp, ann: Person, channel: Channel
) -> None:
    """Nobody edits what others wrote; an admin may delete it."""
    message = await workspace.say(ann, channel, "a")
    with pytest.raises(PermissionError):
        await workspace.edit(workspace.add_person("ben"), message, "b")
    with pytest.raises(PermissionError):
        await workspace.delete(workspace.add_person("ben"), message)
    await workspace.delete(workspace.add_person("cho", admin=True), message)
    assert message.deleted
    assert app.events[-1]["subtype"] == "message_deleted"


async def test_the_bot_hears_itself(
    workspace: Workspace, app: BareApp, api: AsyncWebClient, channel: Channel
) -> None:
    """What the bot posts, edits and deletes comes back to the app."""
    ts = (await api.chat_postMessage(channel=channel.id, text="a"))["ts"]
    await api.chat_update(channel=channel.id, ts=ts, text="b")
    await api.chat_delete(channel=channel.id, ts=ts)
    await workspace.until(lambda: len([d for d in workspace.deliveries if d.acknowledged]) == 3)
    assert [event.get("subtype") for event in app.events] == [
        None,
        "message_changed",
        "message_deleted",
    ]
    assert app.events[0]["bot_id"] == workspace.bot.bot_id
    assert app.events[1]["message"]["bot_id"] == workspace.bot.bot_id


async def test_redelivery(workspace: Workspace, app: BareApp) -> None:
    """An event can come again although it was acknowledged: same event id, first retry."""
    delivery = await workspace.deliver({"type": "app_uninstalled"})
    again = await workspace.redeliver(delivery)
    assert again.acknowledged
    assert app.heard[1]["retry_attempt"] == 1
    assert app.heard[0]["payload"] == app.heard[1]["payload"]


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


async def test_the_home_tab(
    workspace: Workspace, app: BareApp, api: AsyncWebClient, ann: Person
) -> None:
    """Opening the home tab is told, with the view that is there, if one is."""
    await workspace.open_home(ann)
    blocks = [{"type": "divider"}]
    await api.views_publish(user_id=ann.id, view={"type": "home", "blocks": blocks})
    await workspace.open_home(ann)
    await workspace.open_home(ann, "messages")
    assert [event["tab"] for event in app.events] == ["home", "home", "messages"]
    assert [event.get("view", {}).get("blocks") for event in app.events] == [None, blocks, None]


async def test_waiting(workspace: Workspace, api: AsyncWebClient) -> None:
    """until() returns what its condition found, at the very change that made it true."""
    channel = workspace.add_channel("general")
    waiting = asyncio.create_task(workspace.until(lambda: list(workspace.messages.values())))
    await api.chat_postMessage(channel=channel.id, text="a")
    (message,) = await waiting
    assert message.text == "a"


async def test_waiting_in_vain(workspace: Workspace, api: AsyncWebClient) -> None:
    """Waiting ends with an error that says what has happened instead."""
    await api.chat_postMessage(channel=workspace.add_channel("general").id, text="something")
    with pytest.raises(TimeoutError, match=r"(?s)chat.postMessage 200.*something"):
        await workspace.until(lambda: False, timeout=0.01)


async def test_leaving_with_work_under_way(session: aiohttp.ClientSession) -> None:
    """A workspace ends at once, whatever is still to be delivered."""
    async with Workspace() as workspace:
        app = BareApp(workspace, session)
        await app.connect()
        app.deaf = True
        saying = asyncio.create_task(
            workspace.say(workspace.add_person("ann"), workspace.add_channel("general"), "hi")
        )
        await workspace.until(lambda: workspace.deliveries)
    await saying
    await app.close()
    assert not workspace.deliveries[0].acknowledged

"""The methods that take a file of a few lines each: users, assistant, reactions, views."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_slack.workspace import Workspace

HOME = {"type": "home", "blocks": [{"type": "divider"}]}
MODAL = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Title"},
    "blocks": [{"type": "divider"}],
}


async def test_people(workspace: Workspace, api: AsyncWebClient) -> None:
    """users.info says what someone may do, and whether they belong to the team."""
    kinds: list[dict[str, Any]] = [
        {},
        {"admin": True},
        {"owner": True},
        {"restricted": True},
        {"ultra_restricted": True},
        {"stranger": True},
        {"bot": True},
    ]
    seen = []
    for kind in kinds:
        person = workspace.add_person("ann", real_name="Ann Lee", **kind)
        user = (await api.users_info(user=person.id))["user"]
        assert (user["name"], user["profile"]["real_name"]) == ("ann", "Ann Lee")
        flags = {name for name, value in user.items() if name.startswith("is_") and value is True}
        seen.append((flags, user["team_id"] == workspace.team.team_id))
    assert seen == [
        (set(), True),
        ({"is_admin"}, True),
        ({"is_admin", "is_owner"}, True),
        ({"is_restricted"}, True),
        ({"is_restricted", "is_ultra_restricted"}, True),
        ({"is_stranger"}, False),
        ({"is_bot"}, True),
    ]
    assert len((await api.users_list())["members"]) == len(kinds) + 1
    with pytest.raises(SlackApiError, match="user_not_found"):
        await api.users_info(user="U404")


async def test_status(workspace: Workspace, api: AsyncWebClient) -> None:
    """A status is shown under its thread until it is emptied, or the bot posts there."""
    channel = workspace.direct_message(workspace.add_person("ann"))
    ts = (await api.chat_postMessage(channel=channel.id, text="a"))["ts"]
    where: Any = {"channel_id": channel.id, "thread_ts": ts}
    await api.assistant_threads_setStatus(**where, status="thinks", loading_messages=["a"])
    assert workspace.statuses == {(channel.id, ts): "thinks"}
    await api.assistant_threads_setStatus(**where, status="")
    assert workspace.statuses == {}
    await api.assistant_threads_setStatus(**where, status="thinks")
    await api.chat_postMessage(channel=channel.id, text="b", thread_ts=ts)
    assert workspace.statuses == {}
    with pytest.raises(SlackApiError, match="loading_messages"):
        await api.assistant_threads_setStatus(**where, status="a", loading_messages=["a"] * 11)
    with pytest.raises(SlackApiError, match="thread_not_found"):
        await api.assistant_threads_setStatus(channel_id=channel.id, thread_ts="1", status="a")


async def test_titles_and_prompts(workspace: Workspace, api: AsyncWebClient) -> None:
    """A thread has a title, and up to four prompts to start with."""
    channel = workspace.direct_message(workspace.add_person("ann"))
    ts = (await api.chat_postMessage(channel=channel.id, text="a"))["ts"]
    where: Any = {"channel_id": channel.id, "thread_ts": ts}
    await api.assistant_threads_setTitle(**where, title="About a")
    assert workspace.titles == {(channel.id, ts): "About a"}
    prompts = [{"title": "Hi", "message": "Say hi"}]
    await api.assistant_threads_setSuggestedPrompts(**where, prompts=prompts)
    assert workspace.prompts == {(channel.id, ts): prompts}
    for wrong in ([], prompts * 5, [{"title": "Hi"}]):
        with pytest.raises(SlackApiError, match="invalid_arguments"):
            await api.assistant_threads_setSuggestedPrompts(**where, prompts=wrong)


async def test_reactions(workspace: Workspace, api: AsyncWebClient) -> None:
    """The bot sets a reaction once, and takes it back once."""
    channel = workspace.add_channel("general")
    ts = (await api.chat_postMessage(channel=channel.id, text="a"))["ts"]
    message = workspace.messages[channel.id, ts]
    where: Any = {"channel": channel.id, "timestamp": ts, "name": "eyes"}
    await api.reactions_add(**where)
    assert message.reactions == {"eyes": [workspace.bot.id]}
    with pytest.raises(SlackApiError, match="already_reacted"):
        await api.reactions_add(**where)
    await api.reactions_remove(**where)
    assert message.reactions == {}
    with pytest.raises(SlackApiError, match="no_reaction"):
        await api.reactions_remove(**where)


async def test_views_on_views(workspace: Workspace, api: AsyncWebClient) -> None:
    """Up to three modals lie on each other, and each can be changed where it lies."""
    ann = workspace.add_person("ann")
    await api.views_open(trigger_id=workspace.views.trigger(ann.id), view=MODAL)
    for _ in range(2):
        await api.views_push(trigger_id=workspace.views.trigger(ann.id), view=MODAL)
    with pytest.raises(SlackApiError, match="push_limit_reached"):
        await api.views_push(trigger_id=workspace.views.trigger(ann.id), view=MODAL)
    bottom, middle, top = workspace.views.modals[ann.id]
    assert top["root_view_id"] == bottom["id"]
    assert top["previous_view_id"] == middle["id"]
    changed = {**MODAL, "callback_id": "changed"}
    await api.views_update(view_id=middle["id"], view=changed)
    assert [v["callback_id"] for v in workspace.views.modals[ann.id]] == ["", "changed", ""]
    assert middle["previous_view_id"] == bottom["id"]
    assert len(workspace.views.history) == 4


async def test_refused_views(workspace: Workspace, api: AsyncWebClient) -> None:
    """Old triggers, views that are gone, old hashes and wrong types are refused by name."""
    ann = workspace.add_person("ann")
    workspace.views.trigger_lifetime = 0
    for method, arguments, error in (
        ("views.open", {"trigger_id": workspace.views.trigger(ann.id)}, "expired_trigger_id"),
        ("views.update", {"view_id": "V404"}, "not_found"),
        ("views.publish", {"user_id": "U404"}, "user_not_found"),
        ("views.publish", {"user_id": ann.id}, "invalid_arguments"),
    ):
        with pytest.raises(SlackApiError) as refused:
            await api.api_call(method, json={"view": MODAL, **arguments})
        assert refused.value.response["error"] == error
    await api.views_publish(user_id=ann.id, view=HOME)
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await api.views_publish(user_id=ann.id, view=HOME, hash="old")
    shown = workspace.views.homes[ann.id]
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await api.views_update(view_id=shown["id"], view=HOME, hash="old")
    again = await api.views_publish(user_id=ann.id, view=HOME, hash=shown["hash"])
    assert again["view"]["id"] == shown["id"]


async def test_pushing_onto_nothing(workspace: Workspace, api: AsyncWebClient) -> None:
    """A modal is pushed onto another, or not at all."""
    trigger = workspace.views.trigger(workspace.add_person("ann").id)
    with pytest.raises(SlackApiError, match="not_found"):
        await api.views_push(trigger_id=trigger, view=MODAL)

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


async def test_views_on_views(workspace: Workspace, api: AsyncWebClient) -> None:
    """Up to three modals can be stacked, and each can be updated in place."""
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
    """Expired triggers, closed views, old hashes and wrong types are refused as Slack does."""
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
    """A modal can be pushed only onto another one."""
    trigger = workspace.views.trigger(workspace.add_person("ann").id)
    with pytest.raises(SlackApiError, match="not_found"):
        await api.views_push(trigger_id=trigger, view=MODAL)

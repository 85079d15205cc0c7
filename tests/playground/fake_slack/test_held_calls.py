import asyncio

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.members import Channel
from slackbot.playground.fake_slack.workspace import Workspace


@pytest.mark.parametrize("failure", [Fault.status(500), Fault.error("fatal_error")])
async def test_a_late_effect(
    workspace: Workspace, api: AsyncWebClient, channel: Channel, failure: Fault
) -> None:
    """A call that was answered with an error takes effect when the test releases it."""
    workspace.faults.add("chat.postMessage", Fault.late(failure))
    with pytest.raises(SlackApiError) as failed:
        await api.chat_postMessage(channel=channel.id, text="a")
    assert failure.answer is not None
    assert failed.value.response["error"] == failure.answer.body["error"]
    (call,) = await workspace.until(lambda: workspace.held_calls)
    assert not workspace.messages
    workspace.release_calls(call)
    (message,) = await workspace.until(lambda: [*workspace.messages.values()])
    assert message.text == "a"
    assert call.error == failure.answer.body["error"]
    assert not workspace.held_calls


async def test_a_late_effect_after_a_reset(
    workspace: Workspace, api: AsyncWebClient, channel: Channel
) -> None:
    """A call whose connection was reset can take effect a given time later, by itself."""
    workspace.faults.add("chat.postMessage", Fault.late(Fault.reset_before(), seconds=0.01))
    with pytest.raises(aiohttp.ClientConnectionError):
        await api.chat_postMessage(channel=channel.id, text="a")
    await workspace.until(lambda: workspace.messages)


async def test_a_caller_that_gives_up(
    workspace: Workspace, session: aiohttp.ClientSession, channel: Channel
) -> None:
    """A delayed call takes effect although its caller has stopped waiting for the answer."""
    api = AsyncWebClient(workspace.bot_token, base_url=workspace.url, session=session)
    workspace.faults.add("chat.postMessage", Fault.delay())
    post = asyncio.create_task(api.chat_postMessage(channel=channel.id, text="a"))
    await workspace.until(lambda: workspace.held_calls)
    post.cancel()
    await asyncio.gather(post, return_exceptions=True)
    assert not workspace.messages
    workspace.release_calls()
    await workspace.until(lambda: workspace.messages)


async def test_a_slow_lookup_of_one_person(workspace: Workspace, api: AsyncWebClient) -> None:
    """A lookup can be slow for one person, and everybody else is looked up at once."""
    ann, ben = workspace.add_person("ann"), workspace.add_person("ben")
    workspace.faults.add("users.info", Fault.delay(), when=lambda args: args["user"] == ben.id)
    slow = asyncio.create_task(api.users_info(user=ben.id))
    (call,) = await workspace.until(lambda: workspace.held_calls)
    assert (await api.users_info(user=ann.id))["user"]["name"] == "ann"
    assert not slow.done()
    workspace.release_calls(call)
    assert (await slow)["user"]["name"] == "ben"


async def test_a_slow_answer(workspace: Workspace, api: AsyncWebClient, channel: Channel) -> None:
    """A call that hangs has had its effect; its answer comes when the test releases it."""
    workspace.faults.add("chat.postMessage", Fault.hang())
    post = asyncio.create_task(api.chat_postMessage(channel=channel.id, text="a"))
    await workspace.until(lambda: workspace.held_calls)
    ((_, ts),) = workspace.messages
    assert not post.done()
    workspace.release_calls()
    assert (await post)["ts"] == ts


async def test_the_end_of_a_workspace(session: aiohttp.ClientSession) -> None:
    """A workspace ends at once; an effect that is still held never happens."""
    async with Workspace() as workspace:
        api = AsyncWebClient(workspace.bot_token, base_url=workspace.url, session=session)
        channel = workspace.add_channel("general")
        workspace.faults.add("chat.postMessage", Fault.late(Fault.status(500)))
        with pytest.raises(SlackApiError):
            await api.chat_postMessage(channel=channel.id, text="a")
        await workspace.until(lambda: workspace.held_calls)
    assert not workspace.held_calls
    assert not workspace.messages

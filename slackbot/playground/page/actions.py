"""The actions that the page takes on behalf of a person. The page calls them by name."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Literal, TypeVar

from slackbot.playground.fake_slack.delivery import Delivery
from slackbot.playground.fake_slack.messages import new_version
from slackbot.playground.json_types import Json
from slackbot.playground.page.action_request import ActionError, ActionRequest

T = TypeVar("T")

ME = "/me "
"""Slack's own command for what a person does: https://docs.slack.dev/reference/events/message/me_message"""

APP_DID_NOT_RESPOND = "The app did not respond. Is the bot running?"
APP_TIMEOUT_SECONDS = 4.0
"""How long a person waits for the app; Slack itself gives it three seconds."""


async def say(request: ActionRequest) -> Json:
    text, shared, subtype = request.markup, request.files, None
    if text.startswith(ME) and not shared:
        text, subtype = text.removeprefix(ME), "me_message"
    if not text.strip() and not shared:
        raise ActionError("There is nothing to say.")
    person, channel, thread = request.person, request.channel, request.text("thread") or None
    request.playground.background.run(
        request.workspace.say(person, channel, text, thread=thread, subtype=subtype, files=shared)
    )
    return {}


async def edit(request: ActionRequest) -> Json:
    if request.message.author != request.person:
        raise ActionError("That is someone else's message.")
    request.playground.background.run(
        request.workspace.edit(request.person, request.message, request.markup)
    )
    return {}


async def delete(request: ActionRequest) -> Json:
    if request.message.author != request.person and not request.person.admin:
        raise ActionError("That is someone else's message.")
    request.playground.background.run(request.workspace.delete(request.person, request.message))
    return {}


async def react(request: ActionRequest) -> Json:
    request.workspace.react(request.person, request.message, request.text("name"))
    return {}


async def command(request: ActionRequest) -> Json:
    """https://docs.slack.dev/interactivity/implementing-slash-commands"""
    name, _, words = request.markup.partition(" ")
    known = [each["command"] for each in request.playground.commands]
    if name not in known:
        raise ActionError(f"{name} is not a valid command. Try {', '.join(known)}.")
    if request.text("thread"):
        raise ActionError(f"{name} is not supported in threads. Sorry!")
    if request.person.stranger:
        raise ActionError(f"{name} is only for members of this workspace.")
    order = request.workspace.deliver_command(request.person, request.channel, name, words.strip())
    delivery = await _within_timeout(request, order)
    if delivery is None or not delivery.acknowledged:
        sentence = f"{name} failed because the app did not respond."
        request.workspace.show_ephemeral(request.channel, request.person, new_version(sentence))
    return {}


async def act(request: ActionRequest) -> Json:
    work = request.workspace.use_element(
        request.person, request.container, request.action, request.state
    )
    return _acknowledged(await _within_timeout(request, work))


async def submit(request: ActionRequest) -> Json:
    """Returns the app's validation errors, by block id."""
    work = request.workspace.deliver_submission(request.person, request.view, request.state)
    delivery = await _within_timeout(request, work)
    done = _acknowledged(delivery)
    response = (delivery.response if delivery else None) or {}
    if response.get("response_action") == "errors":
        return {"errors": response.get("errors") or {}}
    return done


async def close(request: ActionRequest) -> Json:
    request.playground.background.run(request.workspace.close(request.person, request.view))
    return {}


async def suggest(request: ActionRequest) -> Json:
    work = request.workspace.load_options(
        request.person, request.container, request.action, request.text("query")
    )
    return await _within_timeout(request, work) or {}


async def open_home(request: ActionRequest) -> Json:
    tab: Literal["home", "messages"] = "home" if request.text("tab") == "home" else "messages"
    request.playground.background.run(request.workspace.open_home(request.person, tab))
    return {}


async def stop(request: ActionRequest) -> Json:
    """Presses Slack's own stop button."""
    message = request.message
    thread = message.thread_ts or message.ts
    request.playground.background.run(
        request.workspace.stop(request.person, request.channel, thread)
    )
    return {}


async def set_network(request: ActionRequest) -> Json:
    request.playground.network.set_latency(request.number("latency"))
    if request.number("strictness") != request.playground.network.strictness:
        request.playground.network.set_strictness(request.number("strictness"))
    return {}


async def fail_next_write(request: ActionRequest) -> Json:
    try:
        request.playground.network.fail_next_write(request.text("fault"))
    except KeyError:
        raise ActionError("There is no such failure.") from None
    return {}


async def disconnect(request: ActionRequest) -> Json:
    await request.playground.network.disconnect()
    return {}


async def kill(request: ActionRequest) -> Json:
    await request.bot.kill()
    return {}


async def start(request: ActionRequest) -> Json:
    await request.bot.start()
    return {}


async def pause(request: ActionRequest) -> Json:
    request.bot.pause()
    return {}


async def resume(request: ActionRequest) -> Json:
    request.bot.resume()
    return {}


async def restart(request: ActionRequest) -> Json:
    """Simulates a crash: kills the bot and starts it again."""
    await kill(request)
    return await start(request)


ACTIONS: Mapping[str, Callable[[ActionRequest], Awaitable[Json]]] = {
    each.__name__: each
    for each in (
        *(say, edit, delete, react, command, act, submit, close, suggest, open_home, stop),
        *(set_network, fail_next_write, disconnect, kill, start, restart, pause, resume),
    )
}


async def _within_timeout(request: ActionRequest, work: Coroutine[Any, Any, T]) -> T | None:
    """Waits for the app; returns None after the timeout, and lets the work go on."""
    task = request.playground.background.run(work)
    try:
        async with asyncio.timeout(APP_TIMEOUT_SECONDS):
            return await asyncio.shield(task)
    except TimeoutError:
        return None


def _acknowledged(delivery: Delivery | None) -> Json:
    if delivery is None or not delivery.acknowledged:
        raise ActionError(APP_DID_NOT_RESPOND)
    return {}

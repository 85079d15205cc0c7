"""What the page asks for on behalf of a person. Each act gets the JSON that came with it."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Literal, TypeVar

from slackbot.playground.fake_slack.delivery import Delivery
from slackbot.playground.fake_slack.messages import new_version
from slackbot.playground.page.action_request import ActionError, ActionRequest
from slackbot.playground.wire import Json

T = TypeVar("T")

NO_ANSWER = "The app did not respond. Is the bot running?"
PATIENCE = 4.0
"""Seconds that a person waits for the app; Slack itself gives it three."""


async def say(request: ActionRequest) -> Json:
    text, shared = request.markup, request.files
    if not text.strip() and not shared:
        raise ActionError("There is nothing to say.")
    person, channel, thread = request.person, request.channel, request.text("thread") or None
    request.playground.background.run(
        request.workspace.say(person, channel, text, thread=thread, files=shared)
    )
    return {}


async def edit(request: ActionRequest) -> Json:
    if request.message.author != request.person:
        raise ActionError("That is somebody else's message.")
    request.playground.background.run(
        request.workspace.edit(request.person, request.message, request.markup)
    )
    return {}


async def delete(request: ActionRequest) -> Json:
    if request.message.author != request.person and not request.person.admin:
        raise ActionError("That is somebody else's message.")
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
        raise ActionError(f"{name} is not a valid command. There is {', '.join(known)}.")
    if request.text("thread"):
        raise ActionError(f"{name} is not supported in threads. Sorry!")
    if request.person.stranger:
        raise ActionError(f"{name} is only for people of this workspace.")
    order = request.workspace.deliver_command(request.person, request.channel, name, words.strip())
    delivery = await _answered(request, order)
    if delivery is None or not delivery.acknowledged:
        sentence = f"{name} failed because the app did not respond."
        request.workspace.show_ephemeral(request.channel, request.person, new_version(sentence))
    return {}


async def act(request: ActionRequest) -> Json:
    work = request.workspace.act(request.person, request.place, request.action, request.state)
    return _heard(await _answered(request, work))


async def submit(request: ActionRequest) -> Json:
    """The app's complaints about what was filled in, by block id."""
    work = request.workspace.submit(request.person, request.view, request.state)
    delivery = await _answered(request, work)
    heard = _heard(delivery)
    response = (delivery.response if delivery else None) or {}
    if response.get("response_action") == "errors":
        return {"errors": response.get("errors") or {}}
    return heard


async def close(request: ActionRequest) -> Json:
    request.playground.background.run(request.workspace.close(request.person, request.view))
    return {}


async def suggest(request: ActionRequest) -> Json:
    work = request.workspace.suggest(
        request.person, request.place, request.action, request.text("query")
    )
    return await _answered(request, work) or {}


async def open_home(request: ActionRequest) -> Json:
    tab: Literal["home", "messages"] = "home" if request.text("tab") == "home" else "messages"
    request.playground.background.run(request.workspace.open_home(request.person, tab))
    return {}


async def stop(request: ActionRequest) -> Json:
    """Slack's own stop button."""
    message = request.message
    thread = message.thread_ts or message.ts
    request.playground.background.run(
        request.workspace.stop(request.person, request.channel, thread)
    )
    return {}


async def set_weather(request: ActionRequest) -> Json:
    request.playground.network.slow_down(request.number("latency"))
    if request.number("strictness") != request.playground.network.strictness:
        request.playground.network.limit(request.number("strictness"))
    return {}


async def strike(request: ActionRequest) -> Json:
    try:
        request.playground.network.strike(request.text("fault"))
    except KeyError:
        raise ActionError("There is no such failure.") from None
    return {}


async def cut_off(request: ActionRequest) -> Json:
    await request.playground.network.cut_off()
    return {}


async def kill(request: ActionRequest) -> Json:
    await request.playground.bot.kill()
    return {}


async def start(request: ActionRequest) -> Json:
    await request.playground.bot.start()
    return {}


async def restart(request: ActionRequest) -> Json:
    """A crash: killed, and begun anew."""
    await kill(request)
    return await start(request)


ACTIONS: Mapping[str, Callable[[ActionRequest], Awaitable[Json]]] = {
    each.__name__: each
    for each in (
        *(say, edit, delete, react, command, act, submit, close, suggest, open_home, stop),
        *(set_weather, strike, cut_off, kill, start, restart),
    )
}


async def _answered(request: ActionRequest, work: Coroutine[Any, Any, T]) -> T | None:
    """None if the app takes longer than a person waits; it goes on all the same."""
    task = request.playground.background.run(work)
    try:
        async with asyncio.timeout(PATIENCE):
            return await asyncio.shield(task)
    except TimeoutError:
        return None


def _heard(delivery: Delivery | None) -> Json:
    if delivery is None or not delivery.acknowledged:
        raise ActionError(NO_ANSWER)
    return {}

"""What the page asks for on behalf of a person. Each act gets the JSON that came with it."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Literal, TypeVar

from slackbot.playground.fake_slack.delivery import Delivery
from slackbot.playground.fake_slack.messages import state
from slackbot.playground.page.action_request import ActError, Wish
from slackbot.playground.wire import Json

T = TypeVar("T")

NO_ANSWER = "The app did not respond. Is the bot running?"
PATIENCE = 4.0
"""Seconds that a person waits for the app; Slack itself gives it three."""


async def say(wish: Wish) -> Json:
    text, shared = wish.markup, wish.files
    if not text.strip() and not shared:
        raise ActError("There is nothing to say.")
    person, channel, thread = wish.person, wish.channel, wish.text("thread") or None
    wish.playground.errands.run(
        wish.workspace.say(person, channel, text, thread=thread, files=shared)
    )
    return {}


async def edit(wish: Wish) -> Json:
    if wish.message.author != wish.person:
        raise ActError("That is somebody else's message.")
    wish.playground.errands.run(wish.workspace.edit(wish.person, wish.message, wish.markup))
    return {}


async def delete(wish: Wish) -> Json:
    if wish.message.author != wish.person and not wish.person.admin:
        raise ActError("That is somebody else's message.")
    wish.playground.errands.run(wish.workspace.delete(wish.person, wish.message))
    return {}


async def react(wish: Wish) -> Json:
    wish.workspace.react(wish.person, wish.message, wish.text("name"))
    return {}


async def command(wish: Wish) -> Json:
    """https://docs.slack.dev/interactivity/implementing-slash-commands"""
    name, _, words = wish.markup.partition(" ")
    known = [each["command"] for each in wish.playground.commands]
    if name not in known:
        raise ActError(f"{name} is not a valid command. There is {', '.join(known)}.")
    if wish.text("thread"):
        raise ActError(f"{name} is not supported in threads. Sorry!")
    if wish.person.stranger:
        raise ActError(f"{name} is only for people of this workspace.")
    order = wish.workspace.order(wish.person, wish.channel, name, words.strip())
    delivery = await _answered(wish, order)
    if delivery is None or not delivery.acknowledged:
        sentence = f"{name} failed because the app did not respond."
        wish.workspace.whisper(wish.channel, wish.person, state(sentence))
    return {}


async def act(wish: Wish) -> Json:
    work = wish.workspace.act(wish.person, wish.place, wish.action, wish.state)
    return _heard(await _answered(wish, work))


async def submit(wish: Wish) -> Json:
    """The app's complaints about what was filled in, by block id."""
    work = wish.workspace.submit(wish.person, wish.view, wish.state)
    delivery = await _answered(wish, work)
    heard = _heard(delivery)
    response = (delivery.response if delivery else None) or {}
    if response.get("response_action") == "errors":
        return {"errors": response.get("errors") or {}}
    return heard


async def close(wish: Wish) -> Json:
    wish.playground.errands.run(wish.workspace.close(wish.person, wish.view))
    return {}


async def suggest(wish: Wish) -> Json:
    work = wish.workspace.suggest(wish.person, wish.place, wish.action, wish.text("query"))
    return await _answered(wish, work) or {}


async def open_home(wish: Wish) -> Json:
    tab: Literal["home", "messages"] = "home" if wish.text("tab") == "home" else "messages"
    wish.playground.errands.run(wish.workspace.open_home(wish.person, tab))
    return {}


async def stop(wish: Wish) -> Json:
    """Slack's own stop button."""
    message = wish.message
    thread = message.thread_ts or message.ts
    wish.playground.errands.run(wish.workspace.stop(wish.person, wish.channel, thread))
    return {}


async def set_weather(wish: Wish) -> Json:
    wish.playground.weather.slow_down(wish.number("latency"))
    if wish.number("strictness") != wish.playground.weather.strictness:
        wish.playground.weather.limit(wish.number("strictness"))
    return {}


async def strike(wish: Wish) -> Json:
    try:
        wish.playground.weather.strike(wish.text("fault"))
    except KeyError:
        raise ActError("There is no such failure.") from None
    return {}


async def cut_off(wish: Wish) -> Json:
    await wish.playground.weather.cut_off()
    return {}


async def kill(wish: Wish) -> Json:
    await wish.playground.bot.kill()
    return {}


async def start(wish: Wish) -> Json:
    await wish.playground.bot.start()
    return {}


async def restart(wish: Wish) -> Json:
    """A crash: killed, and begun anew."""
    await kill(wish)
    return await start(wish)


ACTS: Mapping[str, Callable[[Wish], Awaitable[Json]]] = {
    each.__name__: each
    for each in (
        *(say, edit, delete, react, command, act, submit, close, suggest, open_home, stop),
        *(set_weather, strike, cut_off, kill, start, restart),
    )
}


async def _answered(wish: Wish, work: Coroutine[Any, Any, T]) -> T | None:
    """None if the app takes longer than a person waits; it goes on all the same."""
    task = wish.playground.errands.run(work)
    try:
        async with asyncio.timeout(PATIENCE):
            return await asyncio.shield(task)
    except TimeoutError:
        return None


def _heard(delivery: Delivery | None) -> Json:
    if delivery is None or not delivery.acknowledged:
        raise ActError(NO_ANSWER)
    return {}

"""The page's live feed: the scene once, then what changes in it, as server-sent events.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
import json
from collections.abc import Iterable

from aiohttp import web

from slackbot.playground.change_notifier import ChangeNotifier
from slackbot.playground.page.page_state import PageRenderer, PageState

FRAME = 0.03
"""Seconds between two events at the least."""
HEARTBEAT = 15.0
"""Seconds without a change after which a comment finds out whether anybody still listens."""


async def stream_updates(
    request: web.Request, renderer: PageRenderer, changes: ChangeNotifier
) -> web.StreamResponse:
    """Until the page is closed."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    shown: PageState = {}
    first = True
    try:
        while True:
            scene = await _next(renderer, changes, shown)
            if scene is None:
                await response.write(b": still here\n\n")
                continue
            await response.write(_event(scene, shown, first=first))
            shown, first = scene, False
            await asyncio.sleep(FRAME)
    except ConnectionResetError:
        return response


async def _next(
    renderer: PageRenderer, changes: ChangeNotifier, shown: PageState
) -> PageState | None:
    """The scene as soon as it is another one; None after a while without."""

    def another() -> PageState | None:
        scene = renderer.scene()
        return None if scene == shown else scene

    try:
        async with asyncio.timeout(HEARTBEAT):
            return await changes.until(another)
    except TimeoutError:
        return None


def _event(scene: PageState, shown: PageState, *, first: bool) -> bytes:
    """`all` is true for a beginning: whatever the page knew before is forgotten then."""
    new = ((key, value) for key, value in scene.items() if shown.get(key) != value)
    put = ",".join(f"{json.dumps(key)}:{value}" for key, value in new)
    drop = json.dumps(_gone(shown, scene))
    return f'data: {{"all":{json.dumps(first)},"put":{{{put}}},"drop":{drop}}}\n\n'.encode()


def _gone(before: Iterable[str], now: PageState) -> list[str]:
    return [key for key in before if key not in now]

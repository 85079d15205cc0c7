"""The page's live feed: the state once, then what changes in it, as server-sent events.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
import json
from collections.abc import Iterable

from aiohttp import web

from slackbot.playground.change_notifier import ChangeNotifier
from slackbot.playground.page.page_state import PageRenderer, PageState

MIN_UPDATE_SECONDS = 0.03
"""Seconds between two events at the least."""
HEARTBEAT_SECONDS = 15.0
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
            state = await _next_state(renderer, changes, shown)
            if state is None:
                await response.write(b": still here\n\n")
                continue
            await response.write(_event(state, shown, first=first))
            shown, first = state, False
            await asyncio.sleep(MIN_UPDATE_SECONDS)
    except ConnectionResetError:
        return response


async def _next_state(
    renderer: PageRenderer, changes: ChangeNotifier, shown: PageState
) -> PageState | None:
    """The state as soon as it is changed one; None after a while without."""

    def changed() -> PageState | None:
        state = renderer.state()
        return None if state == shown else state

    try:
        async with asyncio.timeout(HEARTBEAT_SECONDS):
            return await changes.until(changed)
    except TimeoutError:
        return None


def _event(state: PageState, shown: PageState, *, first: bool) -> bytes:
    """`all` is true for a beginning: whatever the page knew before is forgotten then."""
    new = ((key, value) for key, value in state.items() if shown.get(key) != value)
    put = ",".join(f"{json.dumps(key)}:{value}" for key, value in new)
    drop = json.dumps(_removed(shown, state))
    return f'data: {{"all":{json.dumps(first)},"put":{{{put}}},"drop":{drop}}}\n\n'.encode()


def _removed(before: Iterable[str], now: PageState) -> list[str]:
    return [key for key in before if key not in now]

"""Live updates for the page: its state once, then each change, as server-sent events.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
import json
from collections.abc import Iterable

from aiohttp import web

from slackbot.playground.change_notifier import ChangeNotifier
from slackbot.playground.page.page_state import PageRenderer, PageState

MIN_UPDATE_SECONDS = 0.03
"""The shortest time between two events."""
HEARTBEAT_SECONDS = 15.0
"""After this time without a change a comment is sent, which fails if the page is closed."""


async def stream_updates(
    request: web.Request, renderer: PageRenderer, changes: ChangeNotifier
) -> web.StreamResponse:
    """Sends updates until the page is closed."""
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
    """Returns the state once it differs from `shown`, or None at the next heartbeat."""

    def changed() -> PageState | None:
        state = renderer.state()
        return None if state == shown else state

    try:
        async with asyncio.timeout(HEARTBEAT_SECONDS):
            return await changes.until(changed)
    except TimeoutError:
        return None


def _event(state: PageState, shown: PageState, *, first: bool) -> bytes:
    """Encodes the changes. `all` is true in the first event: the page then forgets what it knew."""
    new = ((key, value) for key, value in state.items() if shown.get(key) != value)
    put = ",".join(f"{json.dumps(key)}:{value}" for key, value in new)
    drop = json.dumps(_removed(shown, state))
    return f'data: {{"all":{json.dumps(first)},"put":{{{put}}},"drop":{drop}}}\n\n'.encode()


def _removed(before: Iterable[str], now: PageState) -> list[str]:
    return [key for key in before if key not in now]

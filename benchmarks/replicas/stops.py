"""How long a press of Stop takes that Slack delivers to another replica than the owner."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, NamedTuple

from benchmarks.environment import answers, bot_environment
from benchmarks.replicas.questions import ask
from benchmarks.replicas.serving import owned, serving
from slackbot.playground.fake_openai.script import Script
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.messages import PostedMessage, elements
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.playground.postgres_server import PostgresServer
from slackbot.slack.buttons import PREFIX

WORDS, WORDS_PER_SECOND = 400, 20.0

STOP = f"{PREFIX}stop"

Press = Callable[[], Coroutine[Any, Any, object]]

SHOWN_SECONDS = 0.2
"""For so long people read before they press."""


class Stop(NamedTuple):
    """Seconds from the press."""

    stored: float
    """Until the replica acknowledged it to Slack."""
    reached: float
    """Until the owner's session ended its request to the model."""
    ended: float
    """Until Slack showed the end."""


async def measure_stops(server: PostgresServer, count: int) -> Sequence[Stop]:
    """One after the other, each under an answer of its own."""
    async with Workspace() as workspace, ModelServer(answer=_long_answer) as model:
        database = server.create_database()
        environment = {**bot_environment(workspace, model), "DATABASE_URL": database}
        async with serving(2, environment, workspace) as urls:
            (owner,) = owned(database)
            workspace.events_url = [url for pid, url in urls.items() if pid != owner]
            return [await _stop(workspace, model) for _ in range(count)]


async def _stop(workspace: Workspace, model: ModelServer) -> Stop:
    question = await ask(workspace)
    await workspace.until(lambda: _press(workspace, question))
    await asyncio.sleep(SHOWN_SECONDS)
    press = _press(workspace, question)
    assert press is not None
    pressed_at = time.monotonic()

    async def timed(press: Press) -> float:
        await press()
        return time.monotonic() - pressed_at

    pressing = asyncio.create_task(timed(press))
    await model.until(lambda: model.open_streams == 0)
    reached = time.monotonic() - pressed_at
    await workspace.until(lambda: _press(workspace, question) is None)
    ended = time.monotonic() - pressed_at
    return Stop(await pressing, reached, ended)


def _press(workspace: Workspace, question: PostedMessage) -> Press | None:
    """What stops the answer, if people see it: the button under it, or Slack's own, where it grows
    as a stream.
    """
    if not (messages := answers(workspace, question)):
        return None
    message, channel = messages[-1], workspace.channels[question.channel]
    if STOP in [button["action_id"] for _, button in elements(message.blocks)]:
        return partial(workspace.click, question.author, message, STOP)
    if workspace.sessions.get((channel.id, question.ts)) == "processing":
        return partial(workspace.stop, question.author, channel, question.ts)
    return None


def _long_answer(_: object) -> Script:
    script = Script(tuple({"content": f"{number} "} for number in range(WORDS)))
    return script.paced(1 / WORDS_PER_SECOND, first_after=0.1)

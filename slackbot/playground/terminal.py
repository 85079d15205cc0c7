"""A chat with the bot in the terminal: one person, one channel, streamed answers."""

import asyncio
import re
import shutil
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from os.path import commonprefix
from textwrap import dedent

from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.fake_slack.workspace import Workspace

REFRESH_SECONDS = 0.05
"""How often the terminal shows what the bot has written so far."""

PROMPT = "you> "

HELP = """\
Type a message to talk to @{bot} in #{channel}; it answers in a thread, where you go on talking.
  /new   start a new thread        /quit   leave (or Ctrl-D)
"""

CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Characters that could control the terminal; the model's text is not trusted."""


async def converse(workspace: Workspace, notice: str, busy: Callable[[], bool]) -> None:
    """Chats until the person leaves. `notice` names the model; `busy` is true during an answer."""
    you = workspace.add_person("you", real_name="You")
    channel = workspace.add_channel("general", members=[you])
    lines = _LineReader()
    print(notice)
    print(dedent(HELP).format(bot=workspace.bot.name, channel=channel.name))
    thread: str | None = None
    while (line := await lines.next(PROMPT)) is not None:
        text = line.strip()
        if text == "/quit":
            break
        if text == "/new":
            thread = None
            print("A new thread.\n")
        elif text:
            said = text if thread else f"{workspace.bot.mention} {text}"
            message = await workspace.say(you, channel, said, thread=thread)
            thread = thread or message.ts
            await _show_while_busy(partial(_answer_to, workspace, message), busy)


def _answer_to(workspace: Workspace, message: PostedMessage) -> str:
    channel = workspace.channels[message.channel]
    thread = workspace.thread(channel, message.thread_ts or message.ts)
    answers = [each for each in thread if each.author == workspace.bot and each.ts > message.ts]
    said = CONTROL_CHARACTERS.sub("", "\n".join(each.shown for each in answers))
    return said and f"{workspace.bot.name}> {said}"


async def _show_while_busy(shown: Callable[[], str], busy: Callable[[], bool]) -> None:
    """Shows a growing text until the bot is no longer busy."""
    screen = _GrowingText()
    while busy():
        if sys.stdout.isatty():
            screen.show(shown())
        await asyncio.sleep(REFRESH_SECONDS)
    screen.show(shown())
    print("\n")


class _GrowingText:
    """A text at the end of the terminal that is updated in place."""

    def __init__(self) -> None:
        self._shown = ""

    def show(self, text: str) -> None:
        if text == self._shown:
            return
        same = len(commonprefix((self._shown, text)))  # noqa: RUF071 - compares characters, not paths
        if same < len(self._shown):
            same = self._shown.rfind("\n", 0, same) + 1
            sys.stdout.write(self._cursor_back_to(same))
        sys.stdout.write(text[same:])
        sys.stdout.flush()
        self._shown = text

    def _cursor_back_to(self, start: int) -> str:
        """Returns the codes that move the cursor back to `start`'s line and clear what follows."""
        width, height = shutil.get_terminal_size()
        lines = self._shown[start:].split("\n")
        rows = sum(max(len(line) - 1, 0) // width + 1 for line in lines) - 1
        up = f"\x1b[{min(rows, height - 1)}A" if rows else ""
        return f"\r{up}\x1b[J"


class _LineReader:
    """Reads lines from the keyboard in a daemon thread.

    A read can't be cancelled, and the process must be able to exit during one.
    """

    def __init__(self) -> None:
        self._wanted = threading.Semaphore(0)
        self._lines: asyncio.Queue[str] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, args=(loop,), daemon=True).start()

    async def next(self, prompt: str) -> str | None:
        """Returns the next line, or None at the end of the input."""
        print(prompt, end="", flush=True)
        self._wanted.release()
        return await self._lines.get() or None

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        with suppress(RuntimeError):  # the loop has ended, and nobody waits
            while self._wanted.acquire():
                loop.call_soon_threadsafe(self._lines.put_nowait, sys.stdin.readline())

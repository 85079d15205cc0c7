"""Runs `slackbot serve` so that it exits with the playground, however that one ends.

The playground holds the other end of standard input: when it closes, the bot exits.
"""

import os
import runpy
import sys
import threading

STDIN = 0
"""The file descriptor of standard input."""


def main() -> None:
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    sys.argv = ["slackbot", "serve"]
    runpy.run_module("slackbot", run_name="__main__")


def _exit_with_parent() -> None:
    """Nobody writes to this pipe: the read returns when the playground closes it or is killed.

    It reads past `sys.stdin`, whose lock the interpreter needs to close it: the process would abort
    if this thread held it at its end.
    """
    while os.read(STDIN, 1024):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()

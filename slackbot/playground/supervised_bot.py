"""`slackbot serve` on a leash: a bot that ends with its playground, however that one ends.

Its standard input is the leash: at the end of that the bot is gone.
"""

import os
import runpy
import sys
import threading


def main() -> None:
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    sys.argv = ["slackbot", "serve"]
    runpy.run_module("slackbot", run_name="__main__")


def _exit_with_parent() -> None:
    """Nobody writes anything: the read returns when the other end is closed, or its owner dead."""
    sys.stdin.buffer.read()
    os._exit(1)


if __name__ == "__main__":
    main()

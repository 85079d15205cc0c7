"""How a person or a platform asks a command to stop."""

import asyncio
import signal
from collections.abc import Callable


def on_stop(action: Callable[[], object]) -> None:
    """Makes SIGTERM and SIGINT call `action`, and nothing else."""
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, action)

"""The file `.env` in the working directory: variables, and whether others can read them."""

from pathlib import Path

from dotenv import dotenv_values

ENV_FILE = Path(".env")

OTHERS_CAN_READ = 0o004

OPEN = ".env can be read by everybody on this machine, and holds secrets: run `chmod 600 .env`."


def variables() -> dict[str, str]:
    """What the file says; nothing if there is none."""
    return {name: value or "" for name, value in dotenv_values(ENV_FILE).items()}


def exposure() -> str | None:
    """A sentence if everybody on the machine can read the file."""
    try:
        is_open = ENV_FILE.stat().st_mode & OTHERS_CAN_READ
    except OSError:
        return None
    return OPEN if is_open else None

"""Every sentence about a file that a person reads in Slack, and the marker that the model reads."""

from collections.abc import Mapping

TEXT_TRUNCATED = "“{name}” is long: I read the first {percent} % of it."
RECORDING_TRUNCATED = "“{name}” is long: I listened to the first {minutes} minutes of it."
NO_ROOM = "There was no room left for “{name}”."
SCAN_TOO_LARGE = "“{name}” contains no text, and has too many or too large pages for me to look at."
FILES_LEFT_OUT = "I read up to {limit} files at a time, so I left out {count} more."

OUT_OF_TIME = "I ran out of time before I could read {names}. Ask again, and I'll go on reading."
MORE_FILES = "{names} and {count} more"
NAME = "“{name}”"
UNNAMED = "a file"

NOT_TRANSCRIBED = "I could not listen to “{name}”. {reason}"
NO_SPEECH = "I heard nobody speak in “{name}”."
NO_TEXT = "There is no text in “{name}”."

UNREADABLE: Mapping[str, str] = {
    "encrypted": "“{name}” is protected with a password. Please send it without one.",
    "no_sound": "“{name}” contains no sound that I can hear.",
    "no_text": "“{name}” contains no text that I can read.",
    "too_large_unpacked": "“{name}” unpacks to {megabytes} MB, and I read at most {limit} MB.",
    "damaged": "“{name}” can't be read: it is damaged, or not what its name says.",
    "too_complex": "“{name}” takes too much memory or time to read. Please send a part of it.",
    "too_many_pixels": "“{name}” has {megapixels} megapixels, and I look at no more than {limit}.",
    "not_isolated": "I can't read “{name}”: that isn't safe on my machine. Please tell an admin.",
    "unknown": "“{name}” is not a kind of file that I can read.",
}
"""Why a file can't be read, by the reason of an `UnreadableFileError`."""

RECORDING_CONTINUES = "[The recording goes on.]"
"""The model reads this after the transcript of a recording's beginning. It is stored with it."""

NO_TIME_FOR_MODEL = "there was no time to read it, a later question may"
"""What the model reads about such a file."""


def quoted_name(name: str) -> str:
    """The name of a file, as a sentence holds it."""
    return NAME.format(name=name) if name else UNNAMED

"""Shows what a text of the model's would hide from the people who read it.

Characters that nobody sees can carry a second text, for another reader or another model: tags spell
out ASCII, and variation selectors any bytes. Odd ends of lines begin a line for one reader of
Markdown and not for another. Each such character is replaced by one that is seen, or by a plain end
of a line. Scripts and emoji that need invisible characters keep them, as they need few at a time.

A text keeps its length, and what is replaced depends only on what comes before, or on the next
character.
https://www.unicode.org/reports/tr36/#Tag_Characters
https://embracethered.com/blog/posts/2024/hiding-and-finding-text-with-unicode-tags/
"""

import re

REPLACEMENT = "\ufffd"

_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u2069\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\U000e0100-\U000e01ef"
)
_SELECTOR = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_NEVER_NEEDED = (
    "\u202a-\u202e\u206a-\u206f\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
)
"""Overrides of the direction of writing, controls that Unicode advises against, and tags."""

_COVERT = re.compile(
    "\U0001f3f4[\U000e0020-\U000e007f]{1,7}"  # the flag of a part of a country
    f"|[{_NEVER_NEEDED}]"
    f"|(?<=[{_SELECTOR}])[{_SELECTOR}]"
    f"|(?<=[{_INVISIBLE}][{_INVISIBLE}])[{_INVISIBLE}]"
    "|\r(?!\n|\\Z)|[\v\f\x85\u2028\u2029]"
)
_LINE_ENDS = frozenset("\r\v\f\x85\u2028\u2029")


def show_covert_text(text: str) -> str:
    """The text, in which each character is seen that could hide something. A carriage return at its
    end stays, as it may be half of an end of a line.
    """
    return _COVERT.sub(_shown, text)


def _shown(found: re.Match[str]) -> str:
    if found[0] in _LINE_ENDS:
        return "\n"
    return REPLACEMENT if len(found[0]) == 1 else found[0]

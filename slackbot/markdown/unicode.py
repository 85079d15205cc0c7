"""Text that UTF-8 can encode.

JSON may hold lone surrogates (RFC 8259, section 8.2), and a stream may cut a pair in two.
"""

import re

_SURROGATE = re.compile("[\ud800-\udfff]")


def to_well_formed(text: str) -> str:
    """The text with surrogate pairs joined, and U+FFFD in place of each lone surrogate.

    The same as JavaScript's `String.prototype.toWellFormed`, which joins pairs by its nature.
    """
    if _SURROGATE.search(text) is None:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

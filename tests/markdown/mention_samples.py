"""Text in which mentions are spelled in every way, and a reader that finds them."""

import re
from html import unescape

from hypothesis import strategies as st

from slackbot.markdown.escaping import WORD_JOINER

SPELLINGS = (
    "&#38; &#x26;lt; &#038;#60; &AMP;lt; <!group> <!foo> @group group &amp;amp;lt; "
    "< &lt; &lt &LT; &#60; &#0060; &#60 &#x3c; &#X003C; &amp;lt; \\ \\\\ ! &#33; &excl; @ &#64; "
    "&#x40; &commat; channel here everyone Channel HERE subteam ^S1 U1 W1 B1 U @U1 !channel @here "
    "<!here> <@U1> > &gt; | |x> * _ ** a 9 . - é & ; # chan nel"
)
FRAGMENTS = st.sampled_from([*SPELLINGS.split(), " ", "\n", WORD_JOINER])
WRITTEN = st.lists(FRAGMENTS, max_size=12).map("".join)

MENTION = re.compile(
    r"<!(?i:channel|here|everyone|group|subteam|foo[>|^])"
    r"|<@[UWBS][A-Z0-9]"
    r"|(?<![a-zA-Z0-9])@(?i:channel|here|everyone|group)(?![a-zA-Z0-9])"
)


def has_mention(markdown: str) -> bool:
    """Whether a reader of Markdown who decodes what can be decoded finds a mention."""
    readings = [markdown]
    while (decoded := unescape(readings[-1])) != readings[-1]:
        readings.append(decoded)
    readings += [re.sub(r"\\(?=[!-/:-@\[-`{-~])", "", reading) for reading in readings]
    return any(MENTION.search(reading) for reading in readings)

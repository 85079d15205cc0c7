import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.playground.fake_slack.members import Channel, Person
from slackbot.playground.page.typed_markup import to_markup, to_typed

ANA = Person("U1", "ana", "Ana Okafor", "T1")


BEN = Person("U2", "ben the second", "Ben", "T1")


GENERAL = Channel("C1", "general", "channel")


NAMES = {"U1": "ana", "U2": "ben the second", "C1": "general"}


PIECES = st.sampled_from(
    (
        *("*", "_", "~", "`", "<", ">", "&", "|", "[", "]", "(", ")", "!", "#", "\n", " ", "\\"),
        *('"', "'", "=", ":", "/", "@", "a", "\0", "👋", "```", "| - |\n", "&lt;", "&#60;"),
        *("<script>", "onerror=", "javascript:", "data:", "<img src=x>", "https://x.org"),
        *("<@U1>", "<!here>"),
    )
)


HOSTILE = st.lists(PIECES, max_size=40).map("".join)


@pytest.mark.parametrize(
    ("words", "markup"),
    [
        ("@ana hello", "<@U1> hello"),
        ("hello @Ana!", "hello <@U1>!"),
        ("@ben the second, you?", "<@U2>, you?"),
        ("@ben", "@ben"),
        ("me@ana.org", "me@ana.org"),
        ("@here", "<!here>"),
        ("see #general", "see <#C1|general>"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("<@U1>", "&lt;@U1&gt;"),
        ("`@ana` ```\n@ana```", "`@ana` ```\n@ana```"),
        ("(https://x.org/a?b=1&c=2).", "(<https://x.org/a?b=1&amp;c=2>)."),
        ("https://x.org|y", "<https://x.org>|y"),
        ("@ana see https://x.org", "<@U1> see <https://x.org>"),
        ("@ben see https://x.org", "@ben see <https://x.org>"),
    ],
)
def test_composing(words: str, markup: str) -> None:
    """Names, channels and URLs become markup; other text stays the same."""
    assert to_markup(words, [ANA, BEN], [GENERAL]) == markup


@given(st.text(alphabet="ab @#<>&`\n:/.", max_size=60) | HOSTILE)
def test_typed_again(words: str) -> None:
    """Markup is converted back to what the person typed."""
    assert to_typed(to_markup(words, [ANA, BEN], [GENERAL]), NAMES).lower() == words.lower()

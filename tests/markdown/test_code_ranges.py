"""What is code in every reading, compared with a CommonMark parser and with a careless reader."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from slackbot.markdown.code_ranges import code_ranges
from slackbot.markdown.escaping import WORD_JOINER, escape_mentions, escape_stable_prefix
from tests.markdown.mention_samples import MENTION

LONG = 200_000
PING = "@here"

PIECES = st.sampled_from(
    [
        *("```", "````", "``", "`", "~~~", "~~~~", "```py", "``` a`b", "    ```", "  ```", "\t```"),
        *("@here", "<@U1>", "<!channel>", "&lt;!here&gt;", "&#64;here", "<\\!here>", "@channel"),
        *("\n", "\n\n", " ", "\r\n", "\r", "\f", "    ", "  "),
        *(
            "> ",
            "- ",
            "1. ",
            "14. ",
            "# ",
            "* ",
            "| ",
            "|---|",
            "[x](",
            ")",
            "](",
            "]",
            "[r]: /x '",
        ),
        *(
            "<!--",
            "-->",
            "<div>",
            "<a b='",
            "<pre>",
            "\\",
            "\\`",
            "text",
            "x",
            "'",
            ">",
            "<",
            "***",
        ),
    ]
)
WRITTEN = st.lists(PIECES, max_size=14).map("".join)


def text_of(markdown: str) -> str:
    """What a CommonMark parser sees outside of code, without code even in the text of HTML."""
    seen: list[str] = []
    for token in MarkdownIt("commonmark").enable("table").parse(markdown):
        if token.type == "html_block":
            seen.append(token.content)
        for child in token.children or ():
            if child.type != "code_inline":
                seen.append(child.content)
                seen += [str(value) for value in child.attrs.values()]
    return "\n".join(seen)


def text_by_toggles(markdown: str) -> str:
    """What a careless reader sees: three backticks anywhere begin and end code, then one does."""
    outside = "\n".join(re.split("```", markdown)[::2])
    return "\n".join(
        part for line in outside.split("\n") for part in re.split("`", line.replace("``", ""))[::2]
    )


@settings(deadline=None, max_examples=2_000)
@given(WRITTEN)
@example("- a\n  ```\n@here")
@example("- a\nlazy\n  ```\n@here\n  ```")
@example("14. a\n    ```\n    @here\n    ```")
@example("<!--\n```\n@here\n```\n-->")
@example("````\n```\n@here\n```\n````")
@example("~~~\n```\n@here")
@example("```\n    ```\n```\n@here\n```")
@example("``` a`b\n@here\n```")
@example("> ```\n@here\n> ```")
@example("   ```\n   a\r@here")
@example("[x](`) @here [y](`)")
@example("a ` b | c ` `@here`")
@example("`a\n- `@here` b")
@example("`` `@here` x")
@example("<a b='`'> @here <a b='`'>")
@example("\\`@here`")
def test_no_mention_outside_of_code(markdown: str) -> None:
    """However it is written, a parser finds no mention in what it takes for text, and nobody finds
    one in Slack's markup anywhere.
    """
    shown = escape_mentions(markdown)
    assert not MENTION.search(text_of(shown))
    assert not re.search(r"<!(?:channel|here|everyone|subteam)|<@[UWB][A-Z0-9]", shown)


@settings(deadline=None, max_examples=1_000)
@given(WRITTEN)
def test_a_careless_reader_finds_none(markdown: str) -> None:
    """A reader for whom three backticks anywhere are the edge of code finds no mention either."""
    assert not MENTION.search(text_by_toggles(escape_mentions(markdown)))


@settings(deadline=None, max_examples=1_000)
@given(WRITTEN, WRITTEN)
def test_code_stays_code(markdown: str, more: str) -> None:
    """What a stream was given stays as it is, whatever the model writes next."""
    sent = escape_stable_prefix(markdown)
    assert escape_mentions(markdown + more).startswith(sent)
    assert escape_stable_prefix(markdown + more).startswith(sent)


def test_code_before_a_fence_mark_stays_code() -> None:
    """What follows in the same line does not change what was code there."""
    line = f"run `@here` {'and so on ' * 8}"
    assert escape_mentions(f"{line}```").startswith("run `@here`")
    assert escape_mentions(f"{line}~~~ `@here`").endswith(f"`@{WORD_JOINER}here`")


@settings(deadline=None, max_examples=500)
@given(WRITTEN)
def test_nothing_invisible_in_code(markdown: str) -> None:
    """What counts as code gets no word joiner, and nothing is taken from the text."""
    for start, end in code_ranges(markdown):
        assert "```" not in markdown[start:end]
        assert WORD_JOINER not in escape_mentions(markdown)[start:end] or start > 0
    kept = escape_mentions(markdown).replace(WORD_JOINER, "").replace(" ", "")
    assert kept == markdown.replace(" ", "")


CODE = [
    "git log --format='<%an>' foo@bar",
    "cat <<@here\n@channel\n@here",
    "#include <stdio.h>",
    "<!-- comment -->",
    "<!DOCTYPE html>",
    "List<@NonNull T> x = a<b && c>d;",
    "\tcurl -d @here https://x.org/?a&amp;b",
    "if (!here) { mail('@everyone'); }",
    "echo `date` @here",
    "",
    "    @channel:  # a decorator",
]


@pytest.mark.parametrize("code", CODE)
@pytest.mark.parametrize("indent", ["", "   "])
@pytest.mark.parametrize("end", ["\n{}```\n\nDone.", "\n{}```", "\n", ""])
def test_code_in_a_fence_stays(code: str, indent: str, end: str) -> None:
    """People copy code: nothing in a fence is changed that can't ping, closed or still open."""
    lines = "\n".join(indent + line for line in code.split("\n"))
    text = f"1. Run:\n\n{indent}```sh\n{lines}{end.format(indent)}"
    assert escape_mentions(text) == text


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("post('<!channel> hi')", "post('< !channel> hi')"),
        ("say('<@U123ABC>')", "say('< @U123ABC>')"),
        ("&lt;!here&gt;", "&lt; !here&gt;"),
        ("<!subteam^S1|@team>", "< !subteam^S1|@team>"),
    ],
)
def test_a_mention_in_code_gets_a_space(code: str, shown: str) -> None:
    """Slack's markup may ping in code as well: it is broken up where people see it."""
    assert escape_mentions(f"```\n{code}\n```") == f"```\n{shown}\n```"
    assert escape_mentions(f"Use `{code}`.").startswith("Use `")
    assert code not in escape_mentions(f"Use `{code}`.")


def test_code_in_a_line() -> None:
    """Short code in a line stays, where nothing before it in its paragraph leaves a doubt."""
    for text in ("Use `@here` or `@channel`.", "Notify (`@everyone`):", "# `@here`\n\n- `@here`"):
        assert escape_mentions(text) == text
    for doubt in ("a ` b `@here`", "[a](b) `@here`", "a | `@here`", "x`@here`", "\\`@here`"):
        assert WORD_JOINER in escape_mentions(doubt)


def test_text_around_code_is_escaped() -> None:
    """Mentions before and after code are broken up as everywhere."""
    text = "@here\n```\n@here\n```\n@here"
    broken = f"@{WORD_JOINER}here"
    assert escape_mentions(text) == f"{broken}\n```\n@here\n```\n{broken}"


@pytest.mark.parametrize("unit", ["```\n", "`", "`a` ", "```\n@here\n", "@here\n", "`@here` ", "<"])
def test_long_text(unit: str) -> None:
    """The time grows with the length of the text, whatever it consists of."""
    long = unit * (LONG // len(unit))
    assert len(escape_mentions(long)) >= len(long)

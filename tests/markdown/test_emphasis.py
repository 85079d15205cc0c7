"""Emphasis and links next to Chinese, Japanese and Korean text, read by a CommonMark parser."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from slackbot.markdown.emphasis import HAIR_SPACE, help_emphasis
from slackbot.markdown.preview import to_preview
from slackbot.markdown.rendering import to_slack, to_slack_stream

LONG = 200_000

PARSER = MarkdownIt("commonmark").enable(["strikethrough", "table"])

LETTERS = st.sampled_from(["重要", "日本語", "한국어", "カナ", "ｱﾌﾟﾘ"])
SIGNS = st.sampled_from(["。", "，", "：", "）", "（", "」", "「", "“", "”", "！", ")", ".", "?"])
CONTENT = st.lists(LETTERS | SIGNS, min_size=1, max_size=3).map("".join)
MARKS = st.sampled_from(["**", "*", "***", "~~"])

ANYTHING = st.lists(
    LETTERS
    | SIGNS
    | MARKS
    | st.sampled_from(
        [
            *(" ", "\n", "\n\n", "`", "``", "```\n", "\\", "[x](", ")", "<", ">", "- ", "# ", "| "),
            *("https://x.org/a", "word", "    ", "> ", "~", "_"),
        ]
    ),
    max_size=16,
).map("".join)


def emphasised(markdown: str) -> list[str]:
    """What a parser sees as emphasised, without hair spaces."""
    found, depth = [], 0
    for token in PARSER.parse(markdown):
        for child in token.children or ():
            if child.type in {"strong_open", "em_open", "s_open"}:
                found += [""] if depth == 0 else []
                depth += 1
            elif child.type in {"strong_close", "em_close", "s_close"}:
                depth -= 1
            elif depth and child.type in {"text", "code_inline"}:
                found[-1] += child.content.replace(HAIR_SPACE, "")
    return found


@pytest.mark.parametrize(
    ("written", "bold"),
    [
        ("这是**重要。**下一句", "重要。"),
        ("**注意：**请看", "注意："),
        ("这是**“重要”**的", "“重要”"),
        ("**中文（带括号）**的", "中文（带括号）"),
        ("**마크다운(Markdown)**의 문법", "마크다운(Markdown)"),
        ("*強調。*続き", "強調。"),
        ("~~削除。~~続き", "削除。"),
        ("***両方。***続き", "両方。"),
        ("**`code`**を使う", "code"),
        ("**[链接](https://x.org)**的", "链接"),
        ("- **项目：**内容", "项目："),
        ("# **标题：**内容", "标题："),
        ("> **引用。**下", "引用。"),
    ],
)
def test_emphasis_next_to_punctuation(written: str, bold: str) -> None:
    """Emphasis that a parser would not see is seen, and only hair spaces are added."""
    assert bold not in emphasised(written)
    shown = help_emphasis(written)
    assert emphasised(shown) == [bold]
    assert shown.replace(HAIR_SPACE, "") == written


@settings(deadline=None, max_examples=500)
@given(st.lists(st.tuples(CONTENT, MARKS, CONTENT), min_size=1, max_size=4), CONTENT)
def test_all_emphasis_is_seen(parts: list[tuple[str, str, str]], end: str) -> None:
    """Wherever CJK text is marked, a parser sees it."""
    text = "".join(f"{before}{mark}{marked}{mark}" for before, mark, marked in parts) + end
    assert emphasised(help_emphasis(text)) == [marked for _, _, marked in parts]


@settings(deadline=None, max_examples=500)
@given(ANYTHING)
def test_only_hair_spaces_are_added(text: str) -> None:
    """Nothing else is changed, nothing in code, and nothing the second time."""
    shown = help_emphasis(text)
    assert shown.replace(HAIR_SPACE, "") == text
    assert help_emphasis(shown) == shown
    for token in PARSER.parse(shown):
        for each in (token, *(token.children or ())):
            if each.type in {"fence", "code_block", "code_inline"}:
                assert HAIR_SPACE not in each.content


@given(st.text(st.characters(max_codepoint=0x7E)) | st.sampled_from(["**é.**è", "**Да.**Нет"]))
def test_other_scripts_stay(text: str) -> None:
    """Text without CJK characters stays as it is."""
    assert help_emphasis(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "这是**重要**的",
        "（**重要**）。",
        "**重要。** 下",
        "2**3 是 8",
        "`**重要。**下`",
        "```\n**重要。**下\n```",
        "- a\n  ```\n  **重要。**下",
        "    **重要。**下",
        "\\*重要。\\*下",
        "[a](https://x.org/**。**下)",
        "见 https://zh.wikipedia.org/wiki/中文 。",
    ],
)
def test_where_no_help_is_needed(text: str) -> None:
    """Emphasis that is seen stays, and so do code, addresses and marks that are no emphasis."""
    assert help_emphasis(text) == text


@pytest.mark.parametrize("sign", ["，", "。", "）", "」", "”", "：", "、"])
def test_a_link_ends_before_punctuation(sign: str) -> None:
    """Full-width punctuation does not become part of an address."""
    shown = help_emphasis(f"见https://x.org/a{sign}请看")
    assert shown == f"见https://x.org/a{HAIR_SPACE}{sign}请看"


def test_a_preview_is_bold_as_well() -> None:
    """Emphasis is seen while it is being written."""
    text = "这是**“重要”**的，**注意：**请看。"
    for end in range(text.index("重要") + 1, len(text)):
        shown = to_slack(to_preview(text[:end]))
        assert emphasised(shown)
        assert not re.search(r"\*", "".join(re.split(r"\*\*", shown)[::2]))


@settings(deadline=None, max_examples=1_000)
@given(ANYTHING, ANYTHING)
def test_a_stream_stays(text: str, more: str) -> None:
    """What a stream was given stays as it is, whatever the model writes next, and never shrinks."""
    given = to_slack_stream(text)
    assert to_slack(text + more).startswith(given)
    assert to_slack_stream(text + more).startswith(given)


@pytest.mark.parametrize(
    "unit", ["**。", "**重要。**下", "重", "`重。", "*", "~~。x", "https://x，"]
)
def test_long_text(unit: str) -> None:
    """The time grows with the length of the text, whatever it consists of."""
    long = unit * (LONG // len(unit))
    assert help_emphasis(long).replace(HAIR_SPACE, "") == long

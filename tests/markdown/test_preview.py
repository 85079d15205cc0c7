import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slackbot.markdown.preview import to_preview

LONG = 200_000

MARKS = st.sampled_from(["*", "**", "***", "_", "__", "~", "~~", "~~~", "`", "``", "```", "\\"])
LINES = st.sampled_from(["\n", "\n\n", "- ", "1. ", "# ", "> ", "-", "=", "\n```py\n", "\n```\n"])
TEXTS = st.sampled_from([" ", "    ", "a", "foo", "é", "王", "2", "@here", "<", "|", "| a |"])
LINKS = st.sampled_from(["[", "]", "](", "(", ")", "[a](b", "[**", "https://x.org/_y"])
WRITTEN = st.lists(MARKS | LINES | TEXTS | LINKS, max_size=16).map("".join)

MARKS_ALONE = ["**", "*", " __", "~~", "`", "** ** _", "\\"]
LINES_BEGUN = ["- ", "-", "* ", "1.", "10. ", "#", "### ", "> ", "- [ ] ", "- [", "- **", "> - `"]
TASKS_BEGUN = ["- [x", "- [x] **", "- [ ] `", "[~~~", "1. \\"]
BLOCKS_BEGUN = ["--", "===", "|", "| a", "| a | b", "- \n- \n-", "\n \n"]
FENCES_BEGUN = ["```", "```pyth", "~~~", "```py\n", "```py\n``", "``"]

FINISHED = """\
## Plan *now*

Use `asyncio.run` and **bold _nested_ text**, see [the `docs`](https://x.org/a_(b)_c) of 2 * 3.
- [x] one, 5*3 and snake_case
- ~~two~~ \\*not\\* https://x.org/_private
  > ***both*** [1]

1. 这是**重点**内容

| a | b |
|---|---|
| 1 | `x` |

~~~python
def f(*args, **kw):
    return `x`
~~~
The end."""


def test_finished_text() -> None:
    """Finished text is shown as it is."""
    assert to_preview(FINISHED) == FINISHED


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("run `pip inst", "run `pip inst`"),
        ("run ``a`b`", "run ``a`b``"),
        ("so **very imp", "so **very imp**"),
        ("so **very imp*", "so **very imp**"),
        ("so *very", "so *very*"),
        ("so _very", "so _very_"),
        ("so ~~very~", "so ~~very~~"),
        ("so **bold _both ~~all `code", "so **bold _both ~~all `code`~~_**"),
        ("***both", "***both***"),
        ("这是**重点", "这是**重点**"),
        ("**bold** and **more ", "**bold** and **more**"),
        ("`**` and **`**", "`**` and **`**`**"),
    ],
)
def test_closes_what_is_open(page: str, shown: str) -> None:
    """Code and emphasis that are open at the end are closed, the innermost first."""
    assert to_preview(page) == shown


@pytest.mark.parametrize(
    "page",
    ["2 * 3", "5*3 = 15", "snake_case", "item*", "a ~ b", "a | b", "1", "**done**text", "__init__"],
)
def test_opens_nothing(page: str) -> None:
    """A mark inside a word or between spaces opens nothing."""
    assert to_preview(page) == page


@pytest.mark.parametrize(
    "page", ["[1] and [2", "array[0](see below", "\\*literal", "https://x.org/_a", "5 < 6", "[]("]
)
def test_is_no_link(page: str) -> None:
    """Brackets without a link, escaped marks and addresses are shown as they are."""
    assert to_preview(page) == page


@pytest.mark.parametrize(
    "tail", [*MARKS_ALONE, *LINES_BEGUN, *TASKS_BEGUN, *BLOCKS_BEGUN, *FENCES_BEGUN]
)
def test_leaves_off_what_says_nothing(tail: str) -> None:
    """A mark, a fence or a table row that has only begun is not shown."""
    assert to_preview(f"Said.\n{tail}") == "Said."
    assert to_preview(tail) == ""


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("see [the docs](", "see the docs"),
        ("see [the docs](https://x.org/a_b", "see the docs"),
        ("see [the docs](https://x.org/a_(b)", "see the docs"),
        ("see **[the `docs`](https://x", "see **the `docs`**"),
        ("see ![a cat](https://x", "see a cat"),
        ("see [one](https://x.org) and [two](htt", "see [one](https://x.org) and two"),
        ("see `a[i](x", "see `a[i](x`"),
        ("see [the docs](https://x.org/a_b)", "see [the docs](https://x.org/a_b)"),
    ],
)
def test_links(page: str, shown: str) -> None:
    """A link with an unfinished address is shown as its label."""
    assert to_preview(page) == shown


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("```py\nx = 1", "```py\nx = 1\n```"),
        ("```py\nx = 1\n", "```py\nx = 1\n```"),
        ("```py\nx = 1\n``", "```py\nx = 1\n```"),
        ("````\n```\n**a", "````\n```\n**a\n````"),
        ("  ~~~\na `b", "  ~~~\na `b\n~~~"),
        ("```\na\n```\nand **b", "```\na\n```\nand **b**"),
        ("1. a\n\n    ```py\n    x = *y", "1. a\n\n    ```py\n    x = *y"),
    ],
)
def test_fences(page: str, shown: str) -> None:
    """An open fence is closed, and nothing inside a fence is read as Markdown."""
    assert to_preview(page) == shown


def test_emphasis_ends_with_its_block() -> None:
    """Emphasis that an earlier paragraph, list item or row left open stays open."""
    for before in ("a **b\n\n", "- a `b\n- ", "# a *b\n\n", "| *a | b |\n\n", "1. _a\n2. "):
        assert to_preview(f"{before}c") == f"{before}c"
    assert to_preview("| *a | b |") == "| *a | b |"


@pytest.mark.parametrize(
    "page",
    [
        "**a\n[- b](https://x",
        "a\n[1.](https://x",
        "a\n[|b](https://x",
        "a ```b\n```c `",
        "[~~~a](b",
    ],
)
def test_stays_one_block(page: str) -> None:
    """Text that would turn into a list item, a row or a fence if cut is shown as it is."""
    assert to_preview(page) == page


@settings(deadline=None, max_examples=500)
@given(WRITTEN)
def test_idempotent(page: str) -> None:
    """A preview does not change when it is made a second time."""
    shown = to_preview(page)
    assert to_preview(shown) == shown


@settings(deadline=None)
@given(WRITTEN)
def test_only_the_tail_differs(tail: str) -> None:
    """Only the last paragraph changes, and little is added."""
    shown = to_preview(f"{FINISHED}\n\n{tail}")
    assert shown.startswith(FINISHED)
    assert len(shown) <= len(f"{FINISHED}\n\n{tail}") + 30


def test_growing_page() -> None:
    """At every length, a page is shown as it is written except for its last few words."""
    longest = len("[the `docs`](https://x.org/a_(b)_c)")
    for end in range(len(FINISHED) + 1):
        page = FINISHED[:end]
        assert to_preview(page).startswith(page[: max(end - longest, 0)])


@pytest.mark.parametrize("start", ["", "```\n"])
@pytest.mark.parametrize("end", ["", "x"])
@pytest.mark.parametrize(
    "units",
    [
        ["a", "*a ", "**a ", "_a ", "~~a ", "** ", "`", "``", "` ", "\\", "https://_", "-"],
        ["[", "[](", "[a](b", "[a](b ", "(", "- [](x\n", "- **\n", "- `\n", "```\n", "``\n"],
        ["| a\n", "|", "\n", "1.\n", "> "],
        ["\\\n", "\\ ", "- \\\n", "[~~~\n", "[ ]*\n", "*a_**\n", "**a*_\n\n"],
        ["[1.](x\n", "[_](x\n", "[a](b **\n", "[*](", "[[x](y\n", "```a`\n", "[```a](b\n"],
    ],
)
def test_long_text(units: list[str], start: str, end: str) -> None:
    """The time grows with the length of the text, and little is added to it."""
    for unit in units:
        long = start + unit * (LONG // len(unit)) + end
        assert len(to_preview(long)) <= len(long) + 30


@settings(deadline=None, max_examples=50)
@given(st.lists(MARKS | LINES | TEXTS | LINKS, min_size=1, max_size=4).map("".join))
def test_repetition(unit: str) -> None:
    """The time grows with the length of the text, whatever is repeated in it."""
    long = unit * (LONG // len(unit))
    assert len(to_preview(long)) <= len(long) + 30

"""What goes on in the next message: read back with a CommonMark parser, page by page."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from slackbot.markdown.block_count import PageLimits
from slackbot.markdown.splitting import MAX_PAGE_CHARACTERS, PageSplitter, split_pages

LIMIT = 300
PARSER = MarkdownIt("commonmark").enable("table")

WORDS = st.lists(
    st.sampled_from(["one", "two", "three", "`x`", "a\\|b", "**bold** text", "&amp;", "été"]),
    min_size=1,
    max_size=5,
).map(" ".join)
ROWS = st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=30)
PREFIXES = st.sampled_from(["", "> ", "> > ", "  "])
ALIGNMENTS = st.sampled_from(["|---|---|---|", "| :-- | --: | :-: |", "|-|:-|-:|"])
INTRODUCTIONS = st.lists(
    st.sampled_from(["word " * 20, "# Title", "- item", "> quote"]), max_size=8
)


def tables_of(page: str) -> list[list[list[str]]]:
    """The tables that a parser sees in a page, as rows of cells, the head first."""
    tables: list[list[list[str]]] = []
    tokens = PARSER.parse(page)
    for token, following in pairwise(tokens):
        if token.type == "table_open":
            tables.append([])
        elif token.type == "tr_open":
            tables[-1].append([])
        elif token.type in {"th_open", "td_open"}:
            tables[-1][-1].append(following.content)
    return tables


def kinds(page: str) -> list[str]:
    return [token.type for token in PARSER.parse(page) if token.nesting >= 0]


def table(rows: list[tuple[str, ...]], prefix: str, alignment: str) -> str:
    lines = ["| A | **B** | C\\|D |", alignment, *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(prefix + line for line in lines)


@settings(deadline=None)
@given(INTRODUCTIONS, ROWS, PREFIXES, ALIGNMENTS)
def test_a_table_repeats_its_head(
    before: list[str], rows: list[tuple[str, ...]], prefix: str, alignment: str
) -> None:
    """Each page shows rows below the table's head, with its alignment, also in a quote or a list,
    and no row is lost, cut or doubled.
    """
    text = "\n\n".join([*before, table(rows, prefix, alignment), "After."])
    whole = tables_of(text)[0]
    pages = split_pages(text, LIMIT)
    shown = [each for page in pages for each in tables_of(page)]
    assert [each[0] for each in shown] == [whole[0]] * len(shown)
    assert [row for each in shown for row in each[1:]] == whole[1:]
    assert all(len(each) > 1 for each in shown)
    aligned = [token.attrs for token in PARSER.parse(text) if token.type == "th_open"]
    for page in pages:
        heads = [token.attrs for token in PARSER.parse(page) if token.type == "th_open"]
        assert heads in ([], aligned)
    assert "After." in pages[-1].splitlines()


@settings(deadline=None)
@given(st.lists(WORDS, min_size=60, max_size=90).map(" ".join), st.integers(0, 2))
def test_a_row_that_is_longer_than_a_page(long: str, place: int) -> None:
    """It is cut in a cell, and its cells stay below their titles."""
    cells = ["first", "second", "third"]
    cells[place] = long
    text = table([("x", "y", "z"), tuple(cells), ("u", "v", "w")], "", "|---|---|---|")
    rows = [
        row for page in split_pages(text, LIMIT) for each in tables_of(page) for row in each[1:]
    ]
    assert rows[0] == ["x", "y", "z"]
    assert rows[-1] == ["u", "v", "w"]
    columns = [" ".join(filter(None, column)) for column in zip(*rows[1:-1], strict=True)]
    assert columns == [" ".join(cell.replace("\\|", "|").split()) for cell in cells]


@pytest.mark.parametrize("marker", ["1. ", "- ", "10) "])
def test_a_table_in_a_list(marker: str) -> None:
    """On the next page its rows lose the indentation that would make them code."""
    indent = " " * 6
    rows = "\n".join(f"{indent}| {n} | {'x' * 20} |" for n in range(30))
    text = (
        f"{marker}  Item:\n\n{indent}| a | b |\n{indent}|---|---|\n{rows}\n\n{indent}More.\n\nEnd."
    )
    pages = split_pages(text, LIMIT)
    shown = [each for page in pages for each in tables_of(page)]
    assert len(shown) == len(pages) > 3
    assert [row[0] for each in shown for row in each[1:]] == [str(n) for n in range(30)]
    assert "code_block" not in kinds(pages[-1])


def test_titles_that_are_too_long() -> None:
    """Long titles are repeated in short, and the cells stay in their columns."""
    titles = [f"The **title of the column** number {n} of them" for n in range(4)]
    row = f"| {' | '.join(['cell'] * 4)} |"
    text = "\n".join([f"| {' | '.join(titles)} |", "|:-:|--:|---|---|", *[row] * 20])
    first, *more = split_pages(text, LIMIT)
    assert titles == tables_of(first)[0][0]
    for page in more:
        ((head, *rows),) = tables_of(page)
        assert [len(each) for each in (head, *rows)] == [4] * (len(rows) + 1)
        assert all(title.endswith("…") for title in head)
        assert page.splitlines()[1] == "|:-:|-:|-|-|"


@pytest.mark.parametrize("end", range(150, 330, 6))
def test_no_head_without_rows(end: int) -> None:
    """A table whose head would stand at the end of a page begins on the next one, and so does a
    heading; a heading above a table goes with it.
    """
    text = f"{'x' * (end - 5)} end\n\n# Title\n\n" + table(
        [("1", "2", "3")] * 3, "", "|---|---|---|"
    )
    first, *more = split_pages(text, LIMIT)
    if more:
        last = kinds(first)
        assert last.count("tr_open") != 1
        assert not first.rstrip().splitlines()[-1].startswith("#")


def test_a_line_below_a_table_ends_it() -> None:
    """Text after the last row that has room gets no head above it."""
    rows = "\n".join(f"| {n} | {'x' * 30} |" for n in range(6))
    for below in ("\n\n| not a table |", "\n# Title", "\n> quote", "\n- item"):
        text = f"| a | b |\n|---|---|\n{rows}{below}{' word' * 60}"
        assert sum(len(tables_of(page)) for page in split_pages(text, LIMIT)) == 1


def numbers_of(pages: list[str]) -> list[int]:
    """The numbers that people see before the items of all lists."""
    numbers: list[int] = []
    for page in pages:
        number = 0
        for token in PARSER.parse(page):
            if token.type == "ordered_list_open":
                number = int(token.attrGet("start") or 1)
            elif token.type == "list_item_open":
                numbers.append(number)
                number += 1
    return numbers


@pytest.mark.parametrize("written", [lambda n: n, lambda _: 1], ids=["counted", "all ones"])
def test_an_ordered_list_counts_on(written: object) -> None:
    """Its items keep their numbers, also where each is written as `1.`."""
    assert callable(written)
    text = "\n".join(f"{written(n)}. {'word ' * 12}" for n in range(1, 31))
    pages = split_pages(text, LIMIT)
    assert len(pages) > 3
    assert numbers_of(pages) == list(range(1, 31))


@pytest.mark.parametrize("sign", ["> ", "> > "])
def test_a_quote_goes_on(sign: str) -> None:
    """A long line of a quote is a quote on all pages."""
    for page in split_pages(f"{sign}{'word ' * 200}", LIMIT):
        assert page.startswith(sign)
        assert kinds(page)[: sign.count(">")] == ["blockquote_open"] * sign.count(">")


@pytest.mark.parametrize(
    ("prefix", "opening", "mark"),
    [
        ("> ", "```py", "```"),
        ("> > ", "````", "````"),
        ("   ", "~~~ sql", "~~~"),
        ("      ", "```sh", "```"),
    ],
)
def test_a_fence_within_something(prefix: str, opening: str, mark: str) -> None:
    """Fenced code in a quote or a list goes on as code, in its language, on each page."""
    code = [f"line_{n} = '```'" if len(mark) > 3 else f"line_{n}" for n in range(60)]
    text = "\n".join(
        ["- outer", "    - inner:", "", *(prefix + line for line in [opening, *code, mark])]
        if not prefix.startswith(">")
        else [prefix + line for line in [opening, *code, mark]]
    )
    pages = split_pages(f"{text}\n\nEnd.", LIMIT)
    found = [token for page in pages for token in PARSER.parse(page) if token.type == "fence"]
    assert len(pages) > 2
    assert {token.info.strip() for token in found} == {opening.strip("`~ ")}
    assert "".join(token.content for token in found).split("\n")[:-1] == code
    assert kinds(pages[-1])[-1] == "inline"


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["**some bold words**", "[a long label](https://x.org/a_b)", "plain words"]
        ),
        min_size=20,
        max_size=60,
    )
)
def test_spans_stay_whole(spans: list[str]) -> None:
    """No link and no bold text is parted where a paragraph has to be cut."""
    pages = split_pages(" ".join(spans), LIMIT)
    for page in pages:
        assert page.count("**") % 2 == 0
        assert page.count("[") == page.count("](https://x.org/a_b)")
    assert " ".join(pages) == " ".join(spans)


@pytest.mark.parametrize("unit", ["&amp;", "🇫🇷", "👩\u200d👩\u200d👧"])
def test_signs_stay_whole(unit: str) -> None:
    """No entity, flag or emoji is parted, even in text without a gap."""
    for before in range(12):
        pages = split_pages("x" * before + unit * 100, 100)
        assert all(page.removeprefix("x" * before) == unit * page.count(unit) for page in pages)


@settings(deadline=None)
@given(INTRODUCTIONS, ROWS, PREFIXES, ALIGNMENTS, st.data())
def test_complete_pages_stay(
    before: list[str],
    rows: list[tuple[str, ...]],
    prefix: str,
    alignment: str,
    data: st.DataObject,
) -> None:
    """While a table grows, the pages before its last one do not change."""
    text = "\n\n".join([*before, table(rows, prefix, alignment), "# End\n\n" + "word " * 90])
    limits = PageLimits(LIMIT, blocks=4, table_rows=8)
    grown, splitter = PageSplitter(limits).split(text), PageSplitter(limits)
    for end in sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=20))):
        shown = splitter.split(text[:end])
        assert shown == PageSplitter(limits).split(text[:end])
        complete = shown[:-1]
        assert complete == grown[: len(complete)]


def test_tokens_are_what_a_parser_says() -> None:
    """The helpers of these tests see a table where there is one."""
    assert isinstance(PARSER.parse("# a")[0], Token)
    assert tables_of("| a |\n|---|\n| b |") == [[["a"], ["b"]]]


@pytest.mark.parametrize(
    "table",
    [
        "|h|k|\n|-|-|\n" + "|a" * 20_000,
        "|h|k|\n|-|-|\n" + "| " * 20_000 + "a b c",
        "|h" * 9_000 + "|\n" + "|-" * 9_000 + "|\n" + ("|a" * 9_000 + "|\n") * 5,
        "|h" * 3_000 + "|\n" + "|-" * 3_000 + "|\n" + ("|a" * 3_000 + "|\n") * 5,
    ],
    ids=["cells", "empty cells", "titles", "titles of half a page"],
)
def test_endless_cells(table: str) -> None:
    """A table of thousands of cells takes no more messages than it needs, none of them too long."""
    pages = split_pages(table)
    assert max(map(len, pages)) <= MAX_PAGE_CHARACTERS
    assert len(pages) <= 2 * len(table) // MAX_PAGE_CHARACTERS + 2
    assert "".join(pages).count("a") >= table.count("a")

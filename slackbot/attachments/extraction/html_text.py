"""The text of HTML as Markdown: headings, lists, checklists, tables, links and code.

Slack hands out a canvas as HTML that it does not document, with marks that HTML has not: a list's
kind is in `data-section-style` (5 bullets, 6 numbers, 7 boxes), a finished task has the class
`checked`, a mention is `<a>@U0123</a>`, and an emoji an image around its own name.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from slackbot.markdown.code_blocks import code_block

CHUNK_CHARACTERS = 64 * 1024

HEADINGS = {f"h{level}": "#" * level + " " for level in range(1, 7)}

BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt"}
    | {"figcaption", "figure", "footer", "form", "header", "main", "nav", "p", "section"}
)
"""Elements whose text stands on lines of its own, next to headings, lists and tables."""

INVISIBLE = frozenset({"head", "noscript", "script", "style", "template", "title"})

MARKS = {
    **dict.fromkeys(("b", "strong"), "**"),
    **dict.fromkeys(("i", "em"), "_"),
    **dict.fromkeys(("del", "s", "strike"), "~~"),
    "code": "`",
}

LISTS = ("ul", "ol")

MAX_NESTING = 20
"""Deeper lists and quotes look like ones that lie so deep: each line repeats their marks."""

MAX_PADDED_COLUMNS = 100
"""Shorter rows of a wider table stay short."""

NUMBERED, CHECKLIST = "6", "7"
"""Values of `data-section-style`."""

_SPACE = re.compile(r"[ \t\r\f\n]+")
_INVISIBLE_CHARACTERS = dict.fromkeys(map(ord, "\u200b\u200c\u2060\ufeff\u00ad"))

Attributes = dict[str, str | None]


def read_html(html: str, *, layout_tables: bool = False) -> Iterator[str]:
    """Yields its text, block by block.

    With `layout_tables` a table is no table but arranges a page, as in emails.
    """
    parser = _Reader(layout_tables=layout_tables)
    for start in range(0, len(html), CHUNK_CHARACTERS):
        parser.feed(html[start : start + CHUNK_CHARACTERS])
        yield from parser.take()
    parser.close()
    parser.end_block()
    yield from parser.take()


class _List:
    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.count = 0
        self.width = 0
        """Of the last marker, in characters."""

    def marker(self, classes: str) -> str:
        self.count += 1
        marker = f"{self.count}. " if self.kind == NUMBERED else "- "
        self.width = len(marker)
        is_done = "checked" in classes.split()
        if self.kind == CHECKLIST or is_done:
            return marker + ("[x] " if is_done else "[ ] ")
        return marker


class _Reader(HTMLParser):
    def __init__(self, *, layout_tables: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._layout_tables = layout_tables
        self._ready: list[str] = []
        self._inline: list[str] = []
        """The pieces of the block that goes on."""
        self._prefix = ""
        """A heading's, or the marker of a list's item that has no text yet."""
        self._tight = False
        """The last block was an item of a list."""
        self._began = False
        self._hidden = 0
        """How many invisible elements are open."""
        self._quotes = 0
        self._section = ""
        """The `data-section-style` of the list to come."""
        self._lists: list[_List] = []
        self._links: list[tuple[str, int]] = []
        """The address of each open link, and where its text begins."""
        self._alternative = ""
        """The text of an image that has shown none yet."""
        self._rows: list[list[str]] | None = None
        self._is_code = False

    def take(self) -> Iterator[str]:
        """The blocks that are complete."""
        yield from self._ready
        self._ready.clear()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if self._is_code:
            self._inline.append("\n" if tag == "br" or tag in BLOCKS else "")
        elif tag in INVISIBLE:
            self._hidden += 1
        elif tag == "body":
            self._hidden = 0  # the end of the head may be left out
        elif tag in HEADINGS or tag in BLOCKS:
            self._start_block(tag, attributes)
        elif tag in (*LISTS, "li"):
            self._start_list(tag, attributes)
        elif tag in ("table", "tr", "td", "th"):
            self._start_table(tag)
        elif tag == "pre":
            self.end_block()
            self._is_code = True
        elif tag == "hr":
            self.end_block()
            self._emit("---")
        else:
            self._start_inline(tag, attributes)

    def handle_endtag(self, tag: str) -> None:
        if tag == "pre":
            self._end_code()
        elif self._is_code:
            return
        elif tag in INVISIBLE:
            self._hidden = max(0, self._hidden - 1)
        elif tag in HEADINGS or tag in BLOCKS:
            self._end_block_of(tag)
        elif tag in LISTS:
            self.end_block()
            del self._lists[-1:]
        elif tag == "li":
            self.end_block()
        elif tag in ("table", "td", "th", "tr"):
            self._end_table(tag)
        else:
            self._end_inline(tag)

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        if data.strip():
            self._alternative = ""
        self._inline.append(data)

    def end_block(self) -> None:
        """Ends the block that goes on, if it has any text."""
        text = "".join(self._inline)
        if not self._is_code:
            lines = (_SPACE.sub(" ", line).strip() for line in text.split("\v"))
            text = "\n".join(lines).strip().translate(_INVISIBLE_CHARACTERS)
        self._inline, self._links, self._alternative = [], [], ""
        if self._rows is not None:
            if text and self._rows and self._rows[-1]:
                cell = self._rows[-1][-1]
                self._rows[-1][-1] = f"{cell} {text}" if cell else text
            return
        if text.strip():
            self._emit(text)

    def _start_block(self, tag: str, attributes: Attributes) -> None:
        self.end_block()
        self._prefix = HEADINGS.get(tag, self._prefix)
        self._quotes += tag == "blockquote"
        if style := attributes.get("data-section-style"):
            self._section = style

    def _end_block_of(self, tag: str) -> None:
        self.end_block()
        self._quotes = max(0, self._quotes - (tag == "blockquote"))
        if tag in HEADINGS:
            self._prefix = ""

    def _start_list(self, tag: str, attributes: Attributes) -> None:
        self.end_block()
        if tag == "li":
            owner = self._lists[-1] if self._lists else _List("")
            self._prefix = owner.marker(attributes.get("class") or "")
        else:
            outer = self._lists[-1].kind if self._lists else self._section
            self._tight = self._tight and bool(self._lists)
            self._lists.append(_List(NUMBERED if tag == "ol" else outer))
            self._prefix = self._section = ""

    def _start_table(self, tag: str) -> None:
        if self._layout_tables or (tag == "table" and self._rows is not None):
            self.end_block()
        elif tag == "table":
            self.end_block()
            self._rows = []
        elif self._rows is not None:
            self.end_block()
            if tag == "tr" or not self._rows:
                self._rows.append([])
            if tag != "tr":
                self._rows[-1].append("")

    def _end_table(self, tag: str) -> None:
        self.end_block()
        if tag == "table" and self._rows is not None:
            rows, self._rows = [row for row in self._rows if row], None
            if rows:
                self._emit("\n".join(_table(rows)))

    def _end_code(self) -> None:
        code = "".join(self._inline).strip("\n")
        self._inline = [code_block(code)] if code else []
        self.end_block()
        self._is_code = False

    def _start_inline(self, tag: str, attributes: Attributes) -> None:
        if self._hidden:
            return
        if tag == "br":
            self._inline.append("\v")
        elif tag == "a":
            self._end_inline("a")  # there are no links in links
            self._links.append((attributes.get("href") or "", len(self._inline)))
        elif tag == "img":
            name = attributes.get("alt") or ""
            is_emoji = "data-is-slack" in attributes or "data-is-emoji" in attributes
            self._alternative = f":{name}:" if is_emoji else f"[image: {name}]"
            self._alternative = self._alternative if name else ""
            if not is_emoji:
                self._show_alternative()
        elif tag == "input" and attributes.get("type") == "checkbox":
            self._prefix = "- [x] " if "checked" in attributes else "- [ ] "
        elif tag in MARKS:
            self._inline.append(MARKS[tag])

    def _end_inline(self, tag: str) -> None:
        if self._hidden:
            return
        if tag in ("img", "control"):
            self._show_alternative()
        elif tag == "a" and self._links:
            url, start = self._links.pop()
            text = "".join(self._inline[start:]).strip()
            if url.startswith(("http:", "https:")) and text and text != url:
                self._inline[start:] = [f"[{text}]({url})"]
        elif tag in MARKS:
            if self._inline and self._inline[-1] == MARKS[tag]:
                self._inline.pop()  # there was nothing between the marks
            else:
                self._inline.append(MARKS[tag])

    def _show_alternative(self) -> None:
        if self._alternative:
            self._inline.append(self._alternative)
        self._alternative = ""

    def _emit(self, text: str) -> None:
        """Adds a block, below the last one, with its prefix and its place in lists and quotes."""
        is_item = bool(self._lists)
        indent = "  " * (min(len(self._lists), MAX_NESTING) - 1)
        rest = indent + " " * self._lists[-1].width if is_item else ""
        first, *others = text.split("\n")
        start = f"{indent}{self._prefix}" if self._prefix else rest
        lines = [f"{start}{first}", *(f"{rest}{line}" for line in others)]
        separator = "\n" if self._tight and is_item else "\n\n"
        quoted = "\n".join("> " * min(self._quotes, MAX_NESTING) + line for line in lines)
        self._ready.append(f"{separator if self._began else ''}{quoted}")
        self._prefix, self._tight, self._began = "", is_item, True


def _table(rows: list[list[str]]) -> Iterator[str]:
    """The lines of a table in GitHub's Markdown; its first row is its head."""
    columns = max(map(len, rows))
    padded = columns if columns <= MAX_PADDED_COLUMNS else 0
    for number, row in enumerate(rows):
        cells = [cell.replace("\n", " ").replace("|", "\\|") for cell in row]
        yield f"| {' | '.join([*cells, *[''] * (padded - len(cells))])} |"
        if number == 0:
            yield f"|{' --- |' * (padded or len(cells))}"

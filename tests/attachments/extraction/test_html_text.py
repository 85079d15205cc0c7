"""HTML as Markdown, above all that of Slack's canvases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.attachments.extraction.html_text import CHUNK_CHARACTERS, read_html

CANVAS = """<div class="quip-canvas-content"><h1 id='temp:C:a1'>Launch <b>plan</b></h1>
<p id='temp:C:a2' class='line'>Owner: <control data-remapped="true"><a>@Ana</a></control>,
see <a href="https://example.com/x">the doc</a><br/>and&nbsp;#<i>soon</i>\u200b &lt;x&gt;</p>
<div data-section-style='7'><ul id='l1'><li class='checked' value='1'><span>Book</span><br/></li>
<li class='' value='1'><span>Order</span></li><ul><li class='checked'>Cake</li></ul></ul></div>
<div data-section-style='6'><ul><li>One</li><li>Two</li></ul></div>
<div data-section-style='5'><ul><li>Bullet<ul><li>Nested</li></ul></li></ul></div>
<table><tr><td><p class='line'>Item</p></td><td><p class='line'>a|b</p></td></tr>
<tr><td><p class='line'>Two</p><p class='line'>lines</p></td><td></td></tr></table>
<pre class='prettyprint'>def f():<br>    return "<b>x</b>"</pre>
<blockquote>Wise<br>words</blockquote>
<p>Hi <control data-remapped="true"><img src="w.png" alt="wave" data-is-slack>:wave:</img></control>
<control><img alt="tada" data-is-slack></img></control></p>
<p class='embedded-file'>File ID: F0123 File URL: https://example.slack.com/f</p><hr></div>"""

MARKDOWN = """\
# Launch **plan**

Owner: @Ana, see [the doc](https://example.com/x)
and\u00a0#_soon_ <x>

- [x] Book
- [ ] Order
  - [x] Cake

1. One
2. Two

- Bullet
  - Nested

| Item | a\\|b |
| --- | --- |
| Two lines |  |

```
def f():
    return "x"
```

> Wise
> words

Hi :wave: :tada:

File ID: F0123 File URL: https://example.slack.com/f

---"""


def test_canvas() -> None:
    """A canvas keeps its headings, lists, tasks, tables, code, links and mentions."""
    assert "".join(read_html(CANVAS)) == MARKDOWN


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<head><title>T</title><style>p{}</style></head><body>a<script>b</script>", "a"),
        ("<head><meta><body>a", "a"),
        ("<p>a</p>\n\n<p> b \n c</p>", "a\n\nb c"),
        ("<ol><li><p>a</p><p>b</p></li><li>c</li></ol>", "1. a\n   b\n2. c"),
        ('<li><input type="checkbox" checked> a</li>', "- [x] a"),
        ("<b></b>a<i> </i>", "a_ _"),
        ('<a href="javascript:x">a</a> <a href="https://e.x">https://e.x</a>', "a https://e.x"),
        ('<img src="x" alt="A chart"> <img src="y">', "[image: A chart]"),
        ("<pre>a ``` b</pre>", "````\na ``` b\n````"),
        ("a <code>b  c</code> &amp; &copy;", "a `b c` & ©"),
        ("<table><tr><td>a<table><tr><td>b</td></tr></table></td></tr></table>", None),
        ("</p></ul></td></pre></li>a<ul><li>b", "a\n\n- b"),
        ("", ""),
    ],
)
def test_elements(html: str, text: str | None) -> None:
    """Elements of other pages, and HTML that is not well formed."""
    read = "".join(read_html(html))
    assert read == text if text is not None else "a" in read


def test_layout_tables() -> None:
    """The tables of an email arrange its page: their cells are paragraphs."""
    html = "<table><tr><td>Dear Ana,</td><td><p>see you</p></td></tr></table>"
    assert "".join(read_html(html, layout_tables=True)) == "Dear Ana,\n\nsee you"


@given(st.text("<>/ab=\"'&;!-\n", max_size=200))
def test_any_text(html: str) -> None:
    """Nothing that looks like HTML makes it fail."""
    assert isinstance("".join(read_html(html)), str)


def test_long_pages() -> None:
    """A page is read in pieces, and what stands at their borders is not lost."""
    html = "".join(f"<p>line {number}</p>" for number in range(CHUNK_CHARACTERS // 8))
    lines = "".join(read_html(html)).split("\n\n")
    assert lines == [f"line {number}" for number in range(CHUNK_CHARACTERS // 8)]


@pytest.mark.parametrize(
    "html",
    [
        "<blockquote>a<br>b" * 5_000,
        "<ul><li>a" * 5_000,
        "<table><tr>" + "<td>a" * 2_000 + "<tr><td>b" * 2_000 + "</table>",
        "<a href=http://x>a" * 5_000 + "</a>" * 5_000,
    ],
    ids=["quotes", "lists", "a table", "links"],
)
def test_bombs(html: str) -> None:
    """However deep a page is nested, or wide, its text is not much longer than the page."""
    assert len("".join(read_html(html))) < 8 * len(html)


def test_a_link_in_a_link() -> None:
    """The second one ends the first, as in browsers."""
    read = "".join(read_html("<a href=http://x>a<a href=http://y>b</a>c"))
    assert read == "[a](http://x)[b](http://y)c"

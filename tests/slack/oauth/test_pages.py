"""The pages by which people install the app."""

from html import unescape
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from slackbot.slack.oauth import texts
from slackbot.slack.oauth.pages import failure_page, install_page, success_page
from slackbot.slack.oauth.texts import EXPLANATIONS, Explanation


class Elements(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str | None] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name == "href"]


USUAL = ["html", "head", "meta", "meta", "title", "style", "body", "main", "h1", "p", "p", "a"]


@given(title=st.text(), text=st.text(), path=st.text("abc/<>\"'& ="))
def test_whatever_it_says_is_escaped(title: str, text: str, path: str) -> None:
    """No text and no address adds an element or an attribute."""
    page = Elements(failure_page(Explanation(title, text), path))
    assert page.tags == USUAL
    assert page.links == [path]


def test_the_install_page() -> None:
    """Its button leads to Slack, and to nothing else."""
    address = "https://slack.com/oauth/v2/authorize?state=a&client_id=1.2"
    page = install_page(address)
    assert Elements(page).links == [address]
    assert texts.INSTALL_TEXT in unescape(page)


def test_the_page_at_the_end() -> None:
    """Its one link leads to where people go on."""
    address = "https://slack.com/app_redirect?app=A1&team=T1"
    page = success_page(texts.INSTALLED, texts.OPEN_SLACK, address)
    assert (Elements(page).tags, Elements(page).links) == (USUAL, [address])
    assert texts.INSTALLED.text in unescape(page)


def test_each_failure_says_what_to_do() -> None:
    """Its title and its sentences are for people: no code of Slack's or of HTTP."""
    for reason, each in EXPLANATIONS.items():
        assert reason not in f"{each.title} {each.text}"
        assert each.text.endswith(".")
        assert each.status in (200, 400, 503)

import pytest

from slackbot.playground.page.mrkdwn_html import mrkdwn_to_html

NAMES = {"U1": "ana", "U2": "ben the second", "C1": "general"}


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*bold* _it_ ~no~", "<strong>bold</strong> <em>it</em> <del>no</del>"),
        ("*bold _both_*", "<strong>bold <em>both</em></strong>"),
        ("2*3*4 snake_case_name", "2*3*4 snake_case_name"),
        ("`a *b*`", "<code>a *b*</code>"),
        ("```\na < b\n```", "<pre><code>a &lt; b</code></pre>"),
        ("a &lt; b &amp;lt;", "a &lt; b &amp;lt;"),
        ("&gt; one\n&gt; two\nthree", "<blockquote>one<br>two</blockquote>three"),
        ("&gt;&gt;&gt; one\ntwo", "<blockquote>one<br>two</blockquote>"),
        ("<@U1> <@U9>", "@ana"),
        ("<#C1|general>", '<span class="mention">#general</span>'),
        ("<#C1> <#C9>", '>#general</span> <span class="mention">#C9<'),
        ("<https://x.org|there>", ">there</a>"),
        ("<!date^1795584598^{date_short} {time}|25 Nov, 05:29 UTC>.", "25 Nov, 05:29 UTC."),
        ("<!date^1^{time}^https://x.org|&lt;b&gt;>", "&lt;b&gt;"),
        (":wave: :nosuchthing:", "👋 :nosuchthing:"),
        ("one\ntwo", "one<br>two"),
    ],
)
def test_slacks_markup(text: str, html: str) -> None:
    """https://docs.slack.dev/messaging/formatting-message-text"""
    assert html in mrkdwn_to_html(text, NAMES.get)


def test_long_runs_of_signs_take_no_time() -> None:
    """Forty thousand asterisks are converted as quickly as letters."""
    assert mrkdwn_to_html("*a " * 10_000 + "*" * 10_000, NAMES.get)

"""The pages by which people install the app. Pure.

They load nothing, run nothing and are shown in no frame. Whatever they show is escaped.
"""

from collections.abc import Mapping
from html import escape

from slackbot.slack.oauth import texts
from slackbot.slack.oauth.texts import Explanation

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}
"""Of every page. The address of some of them has a code in it, which no other site may learn.

https://cheatsheetseries.owasp.org/cheatsheets/HTTP_Headers_Cheat_Sheet.html
"""

_STYLE = (
    "body{font-family:system-ui,sans-serif;line-height:1.5;max-width:34rem;margin:15vh auto 0;"
    "padding:0 1.5rem;color:#1d1c1d;background:#fff}"
    "a{display:inline-block;padding:.6rem 1.2rem;border-radius:.5rem;background:#4a154b;"
    "color:#fff;font-weight:600;text-decoration:none}"
    "@media(prefers-color-scheme:dark){body{color:#e8e8e8;background:#1a1d21}}"
)


def install_page(address: str) -> str:
    """The page with the button, which leads to `address`."""
    return _page(texts.INSTALL_TITLE, texts.INSTALL_TEXT, texts.INSTALL_BUTTON, address)


def success_page(explanation: Explanation, button: str, address: str) -> str:
    """Says that the app is installed; its button leads to `address`."""
    return _page(explanation.title, explanation.text, button, address)


def failure_page(explanation: Explanation, install_path: str) -> str:
    """Says what went wrong; its button leads back to the beginning."""
    return _page(explanation.title, explanation.text, texts.INSTALL_AGAIN, install_path)


def _page(title: str, text: str, button: str, address: str) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{escape(title)}</h1>\n<p>{escape(text)}</p>\n"
        f'<p><a href="{escape(address)}">{escape(button)}</a></p>\n'
        "</main>\n</body>\n</html>\n"
    )

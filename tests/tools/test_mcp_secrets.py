"""Which values of a server's configuration are secrets."""

from slackbot.tools.mcp_secrets import secrets_of


def test_secrets() -> None:
    """What comes from the environment, headers, and the private parts of a URL."""
    written = {
        "args": ["--key=${KEY}", "--plain"],
        "env": {"TOKEN": "${TOKEN}", "MODE": "${MODE}"},
        "headers": {"Authorization": "Bearer literal-token", "X": "${HEADER}"},
        "url": "https://${USER}:password%21@host/mcp?api=query-key",
    }
    environment = {
        "KEY": "key-value",
        "TOKEN": "token-value",
        "MODE": "read",
        "HEADER": "header-value",
        "USER": "user-name",
        "OTHER": "other-value",
    }
    url = "https://user-name:password%21@host/mcp?api=query-key"
    assert secrets_of(written, url, environment) == {
        "key-value",
        "token-value",
        "header-value",
        "user-name",
        "password!",
        "Bearer literal-token",
        "literal-token",
        "query-key",
        "api=query-key",
    }

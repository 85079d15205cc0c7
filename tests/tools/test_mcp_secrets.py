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


def test_secret_of_several_lines() -> None:
    """Each line of a key is one as well: a program prints it line by line."""
    key = "-----BEGIN KEY-----\nc2VjcmV0\n-----END KEY-----\n"
    assert secrets_of({"env": {"KEY": "${KEY}"}}, "", {"KEY": key}) == {
        key,
        "-----BEGIN KEY-----",
        "c2VjcmV0",
        "-----END KEY-----",
    }

"""What people paste into OPENAI_BASE_URL."""

import pytest

from slackbot import config
from slackbot.config.model_address import (
    HAS_A_FRAGMENT,
    HAS_BLANKS,
    NO_API_VERSION,
    NOT_AN_ADDRESS,
    ModelAddress,
)
from slackbot.errors import ConfigError
from tests.config import SOCKET

AZURE = "https://pirates.openai.azure.com"
VERSION = {"api-version": "2024-10-21"}


@pytest.mark.parametrize(
    ("text", "url", "query"),
    [
        ("http://localhost:8000/v1", "http://localhost:8000/v1", {}),
        ("http://localhost:8000/v1///", "http://localhost:8000/v1", {}),
        ("http://localhost:8000", "http://localhost:8000", {}),
        ("HTTPS://Example.ORG/V1", "https://example.org/V1", {}),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1", {}),
        ("http://host/a/v1?key=1&b=", "http://host/a/v1", {"key": "1", "b": ""}),
        ("http://host/v1/?b=%20c", "http://host/v1", {"b": " c"}),
        ("http://host/v1/chat/completions", "http://host/v1", {}),
        ("http://host/v1/chat/completions/?a=b", "http://host/v1", {"a": "b"}),
        ("http://host/v1/completions", "http://host/v1", {}),
        ("http://host/v1/responses", "http://host/v1", {}),
        ("http://host/v1/models", "http://host/v1", {}),
        ("https://host/models", "https://host/models", {}),
        ("https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1", {}),
        (f"{AZURE}/openai/v1/", f"{AZURE}/openai/v1", {}),
        (f"{AZURE}/", f"{AZURE}/openai/v1", {}),
        (f"{AZURE}/?api-version=2024-10-21", f"{AZURE}/openai", VERSION),
        (
            "https://x.services.ai.azure.com/models?api-version=2024-10-21",
            "https://x.services.ai.azure.com/models",
            VERSION,
        ),
    ],
)
def test_addresses(text: str, url: str, query: dict[str, str]) -> None:
    """An address is taken as people copy it, whole with its query."""
    address = ModelAddress.parse(text)
    assert (address.url, address.query) == (url, query)
    assert (address.deployment, address.has_login) == ("", False)


@pytest.mark.parametrize("end", ["", "/", "/chat/completions"])
def test_a_deployment_of_azure(end: str) -> None:
    """The deployment in the path is taken out: each request names one of its own."""
    address = ModelAddress.parse(
        f"{AZURE}/openai/deployments/our%20gpt{end}?api-version=2024-10-21"
    )
    assert (address.url, address.deployment) == (f"{AZURE}/openai", "our gpt")
    assert address.has_deployments
    assert address.is_azure
    assert address.query == VERSION


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("localhost:8000/v1", NOT_AN_ADDRESS),
        ("ftp://host/v1", NOT_AN_ADDRESS),
        ("http://", NOT_AN_ADDRESS),
        ("http://host:port/v1", NOT_AN_ADDRESS),
        ("http://host:99999/v1", NOT_AN_ADDRESS),
        ("http://[::1/v1", NOT_AN_ADDRESS),
        ("http://my host/v1", HAS_BLANKS),
        ("http://host/v1 # ours", HAS_BLANKS),
        ("http://host/v1#top", HAS_A_FRAGMENT),
        ("http://host/v1#", HAS_A_FRAGMENT),
        (f"{AZURE}/openai/deployments/gpt", NO_API_VERSION),
    ],
)
def test_wrong_addresses(text: str, problem: str) -> None:
    """A wrong one is one sentence at the start."""
    with pytest.raises(ConfigError) as caught:
        config.parse({**SOCKET, "OPENAI_BASE_URL": text})
    assert caught.value.user_message == f"OPENAI_BASE_URL {problem}"


def test_a_login() -> None:
    """A user name and a password are sent as such, so they can't go with an API key."""
    login = {**SOCKET, "OPENAI_BASE_URL": "http://me:p%40ss@host/v1?key=hush&api-version=1"}
    model = config.parse({**login, "OPENAI_API_KEY": ""}).model
    assert model.address is not None
    assert (model.address.user, model.address.password) == ("me", "p@ss")
    assert model.address.secrets == ("p@ss", "hush")
    assert "hush" not in repr(model)
    with pytest.raises(ConfigError, match=r"^OPENAI_BASE_URL holds a user name"):
        config.parse(login)


@pytest.mark.parametrize(
    "text",
    [
        "http://me:p%40ss@host/v1?key=a%26b",
        f"{AZURE}/openai/deployments/our%20gpt?api-version=2024-10-21",
        f"{AZURE}?api-version=2024-10-21",
        "http://host",
    ],
)
def test_the_same_at_another_host(text: str) -> None:
    """A proxy's address has all that the server's has, but for the host."""
    address = ModelAddress.parse(text)
    moved = ModelAddress.parse(address.at("http://127.0.0.1:9"))
    assert moved.origin == "http://127.0.0.1:9"
    assert ModelAddress.parse(moved.at(address.origin)) == address


def test_the_model_of_a_deployment() -> None:
    """Without OPENAI_MODEL, it is the deployment that the address names."""
    url = f"{AZURE}/openai/deployments/ours?api-version=2024-10-21"
    settings = {**SOCKET, "OPENAI_BASE_URL": url}
    assert config.parse(settings).model.name == "ours"
    assert config.parse({**settings, "OPENAI_MODEL": "gpt-5"}).model.name == "gpt-5"

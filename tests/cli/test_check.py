"""`slackbot check`, in a process of its own."""

from pathlib import Path

import pytest

from slackbot.playground.fake_openai.request_checks import RequestRules
from slackbot.playground.fake_openai.script import fails
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.slack.texts import INSTALLED_FOR_ORGANISATION
from tests.command import run
from tests.harness import BotHarness
from tests.llm.openai.servers.profiles import SERVERS
from tests.proxied_harness import CREDENTIALS, HERE, PASSWORD, Behind, Scheme

OLD_LLAMA_CPP = next(each for each in SERVERS if each.name.startswith("llama.cpp"))


async def test_check(harness: BotHarness, tmp_path: Path) -> None:
    """It prints a line for each part, and the exit code is 0 if all of them work."""
    code, output, errors = await run(tmp_path, "check", **harness.environment)
    assert (code, errors) == (0, "")
    lines = output.splitlines()
    assert all(line.startswith("ok ") for line in lines)
    for part in ("settings", "bot token", "app token", "model", "files", "database"):
        assert any(part in line for line in lines)
    methods = sorted(call.method for call in harness.workspace.calls)
    assert methods == ["apps.connections.open", "auth.test"]


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"OPENAI_API_KEY": ""}, "model"),
        ({"SLACK_BOT_TOKEN": "xoxb-wrong"}, "slack"),
        ({"SLACK_APP_TOKEN": "xapp-wrong"}, "slack"),
        ({"DATABASE_URL": "sqlite:////nowhere/at/all.db"}, "database"),
        ({"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}, "model"),
        ({"SLACK_BOT_TOKEN": ""}, "settings"),
    ],
)
async def test_check_fails(tmp_path: Path, changes: dict[str, str], part: str) -> None:
    """A part that fails has one line, and the exit code is 1."""
    async with Workspace() as workspace, ModelServer(api_key="sk-test") as model:
        harness = BotHarness(workspace, model, tmp_path)
        code, output, errors = await run(tmp_path, "check", **{**harness.environment, **changes})
    assert (code, errors) == (1, "")
    (failed,) = [line for line in output.splitlines() if not line.startswith("ok ")]
    assert failed.startswith(f"failed  {part}")


async def test_check_passes_without_optional_scopes(harness: BotHarness, tmp_path: Path) -> None:
    """An app that was installed before a scope was added still works, and is not called broken."""
    harness.workspace.scopes = harness.workspace.scopes - {"usergroups:read"}
    code, output, _ = await run(tmp_path, "check", **harness.environment)
    assert (code, "failed" in output) == (0, False)


async def ways(tmp_path: Path, **environment: str) -> tuple[int, list[str]]:
    """The exit code, and the lines about the network."""
    code, output, errors = await run(tmp_path, "check", **environment)
    assert errors == ""
    return code, [line for line in output.splitlines() if " network: " in line]


async def test_check_says_the_ways(harness: BotHarness, tmp_path: Path) -> None:
    """Which way each server is reached, also where it is the only one."""
    code, lines = await ways(tmp_path, **harness.environment)
    assert code == 0
    servers = ("Slack (Web API)", "Slack (socket)", "Slack (files)", "model")
    assert lines == [f"ok      network: {each}: directly" for each in servers]


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_check_behind_a_proxy(behind: Behind, tmp_path: Path, scheme: Scheme) -> None:
    """Each server is reached and named with its way. A proxy without a scheme will do, and no
    password is printed.
    """
    async with behind(scheme) as proxied:
        port = proxied.bot.model.address.rpartition(":")[2]
        environment = {
            **proxied.bot.environment,
            "HTTPS_PROXY": f"{CREDENTIALS}@{proxied.proxy.address}",
            "OPENAI_BASE_URL": f"http://{HERE}:{port}/v1",
            "NO_PROXY": HERE,
        }
        code, output, errors = await run(tmp_path, "check", **environment)
    through = f"through {proxied.proxy.address}"
    assert (code, errors) == (0, "")
    assert output.splitlines()[1:5] == [
        f"ok      network: Slack (Web API): {through}",
        f"ok      network: Slack (socket): {through}",
        f"ok      network: Slack (files): {through}",
        "ok      network: model: directly (NO_PROXY)",
    ]
    assert "w%C3%B6rd" not in output
    assert PASSWORD not in output


async def test_no_proxy_holds_for_slack_too(harness: BotHarness, tmp_path: Path) -> None:
    """slack-sdk would use a proxy whatever NO_PROXY says."""
    _, _, port = harness.workspace.address.partition(":")
    harness.workspace.origin = f"http://{HERE}:{port}"
    nowhere = {"HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "127.0.0.1:9", "NO_PROXY": HERE}
    changes = {"SLACK_API_URL": harness.workspace.url, **nowhere}
    code, lines = await ways(tmp_path, **{**harness.environment, **changes})
    assert code == 0
    assert [line.partition(": ")[2] for line in lines] == [
        "Slack (Web API): directly (NO_PROXY)",
        "Slack (socket): directly (NO_PROXY)",
        "Slack (files): directly (NO_PROXY)",
        "model: directly (it is this machine)",
    ]


@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [
        (
            "HTTPS_PROXY",
            "proxy.example:port",
            "settings: HTTPS_PROXY is not the address of a proxy",
        ),
        ("ALL_PROXY", "socks5://127.0.0.1:1080", "settings: ALL_PROXY names a SOCKS proxy"),
        ("SSL_CERT_FILE", "nowhere.pem", "settings: SSL_CERT_FILE names a file that can't be read"),
        ("HTTPS_PROXY", "localhost:9", "slack: HTTPS_PROXY names a proxy that can't be reached"),
        ("SSL_CERT_FILE", "", "model: SSL_CERT_FILE does not vouch for the certificate of openai"),
    ],
)
async def test_check_names_what_is_wrong(
    behind: Behind, tmp_path: Path, variable: str, value: str, problem: str
) -> None:
    """The setting to look at, and not the server that can't be reached because of it."""
    async with behind() as proxied:
        environment = {**proxied.bot.environment, variable: value}
        if variable == "ALL_PROXY":
            del environment["HTTPS_PROXY"]
        code, output, errors = await run(tmp_path, "check", **environment)
    assert (code, errors) == (1, "")
    assert f"failed  {problem}" in output


async def test_check_knows_the_scopes(harness: BotHarness, tmp_path: Path) -> None:
    """A scope in manifest.yml that the token lacks is named."""
    harness.workspace.scopes = harness.workspace.scopes - {"users:read"}
    code, output, _ = await run(tmp_path, "check", **harness.environment)
    assert code == 1
    assert "users:read" in output


async def test_check_refuses_an_installation_for_a_whole_organisation(
    harness: BotHarness, tmp_path: Path
) -> None:
    """The line names the token, and says where to install the app instead."""
    harness.install_for_organisation()
    code, output, _ = await run(tmp_path, "check", **harness.environment)
    assert code == 1
    (failed,) = [line for line in output.splitlines() if line.startswith("failed")]
    assert "SLACK_BOT_TOKEN" in failed
    assert INSTALLED_FOR_ORGANISATION in failed


async def test_check_during_an_outage(harness: BotHarness, tmp_path: Path) -> None:
    """It does not wait: one line says what came back instead of Slack's answer, and from where."""
    page = Fault.foreign(502, b"<html>Bad gateway</html>", "text/html")
    harness.workspace.faults.add("*", page, times=9)
    code, output, errors = await run(tmp_path, "check", **harness.environment)
    assert (code, errors) == (1, "")
    (failed,) = [line for line in output.splitlines() if not line.startswith("ok ")]
    assert failed.startswith("failed  slack: SLACK_API_URL does not lead to Slack now: 127.0.0.1 ")
    assert "HTTP 502, text/html" in failed


async def test_check_knows_a_wrong_path(harness: BotHarness, tmp_path: Path) -> None:
    """Where the server has nothing at the address's path, the address is named, and the usual end.

    The log of a running bot says the same.
    """
    url = harness.model.url.removesuffix("/v1")
    settings = {**harness.environment, "OPENAI_BASE_URL": url}
    code, output, _ = await run(tmp_path, "check", **settings)
    assert code == 1
    assert (
        f"failed  model: OPENAI_BASE_URL has no chat completions at {url}/chat/completions: does "
        "it have to end in /v1?" in output.splitlines()
    )


async def test_check_waits_for_a_model_that_loads(harness: BotHarness, tmp_path: Path) -> None:
    """It says that it waits, and then whether the model answers."""
    loading = fails(503, "Loading model", type="unavailable_error", retry_after=0.01)
    harness.model.enqueue(*[loading] * 4, "Hello")
    settings = {**harness.environment, "OPENAI_FIRST_TOKEN_TIMEOUT": "90"}
    code, output, _ = await run(tmp_path, "check", **settings)
    assert code == 0
    assert "waits   model: stand-in is starting; this takes up to 90 s" in output.splitlines()
    assert "ok      model: stand-in answers" in output.splitlines()


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (RequestRules(refuses=frozenset({"developer"})), "instructions as `system`"),
        (
            RequestRules(refuses=frozenset({"developer"}), names_it=False),
            "instructions as `system`",
        ),
        (
            RequestRules(refuses=frozenset({"developer", "stream_options"})),
            "instructions as `system`, no count of tokens",
        ),
        (OLD_LLAMA_CPP.rules, "instructions in the first message"),
    ],
)
async def test_check_says_what_the_server_gets(
    harness: BotHarness, tmp_path: Path, rules: RequestRules, words: str
) -> None:
    """The line about the model says in which form it is asked, where that is not OpenAI's."""
    harness.model.rules = rules
    code, output, errors = await run(tmp_path, "check", **harness.environment)
    assert (code, errors) == (0, "")
    assert f"ok      model: stand-in answers (it gets {words})" in output.splitlines()

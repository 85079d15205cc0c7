"""The bot where only a proxy leads to Slack and the model, over the real wire."""

import asyncio
import json
import logging
from collections.abc import Iterator

import pytest

from slackbot import config
from slackbot.errors import ConfigError
from slackbot.playground.fake_openai.script import calls
from slackbot.slack.sign_in import signing_in
from tests import sample_files
from tests.harness import BotHarness
from tests.proxied_harness import HERE, PASSWORD, Behind, ProxiedHarness, Scheme

PICTURE = calls("draw_picture", json.dumps({"description": "A flag", "shape": "wide"}))


class Notifier(logging.Handler):
    """Has the tests that wait look again at each line of the log."""

    def __init__(self, harness: BotHarness) -> None:
        super().__init__()
        self._changes = harness.workspace.changes

    def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002 - the line is in caplog
        self._changes.notify()


@pytest.fixture
def _told_of_log(harness: BotHarness) -> Iterator[None]:
    log, notifier = logging.getLogger("slackbot.slack"), Notifier(harness)
    log.addHandler(notifier)
    yield
    log.removeHandler(notifier)


@pytest.mark.parametrize("over_tls", [False, True], ids=["http-proxy", "https-proxy"])
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_everything_goes_through_it(
    behind: Behind, scheme: Scheme, caplog: pytest.LogCaptureFixture, *, over_tls: bool
) -> None:
    """The Web API, the socket, downloads, uploads, answers to commands and the model; with the
    user name and password, which the log never shows.
    """
    caplog.set_level(logging.DEBUG)
    async with behind(scheme, over_tls=over_tls) as proxied:
        bot = proxied.bot
        workspace, model = bot.workspace, bot.model
        model.media.picture = sample_files.picture()
        async with bot.running({"OPENAI_IMAGE_MODEL": "artist"}):
            model.enqueue("Ahoy there")
            file = workspace.share(bot.ana, "notes.txt", b"The word is swordfish.", "text/plain")
            _, shown = await bot.ask("what is the word?", file)
            assert shown == "Ahoy there"
            assert "swordfish" in str(model.requests[-1]["messages"])
            model.enqueue(PICTURE, "Here it is")
            question = await bot.mention("draw a flag")
            await workspace.until(lambda: any(each.files for each in bot.answers(question)))
            assert [*workspace.files][-1].content == model.media.picture
            await workspace.command(bot.ana, bot.general, "/instructions", "show")
            await workspace.until(lambda: workspace.ephemerals)
            assert "pirate" in workspace.ephemerals[-1].text
    assert proxied.proxy.hosts() == {"slack.test", "openai.test"}
    ours = [each.getMessage() for each in caplog.records if each.name.startswith("slackbot")]
    assert not any(PASSWORD in line or "Basic " in line for line in ours)


async def test_what_no_proxy_names_is_reached_directly(behind: Behind) -> None:
    """A model server of one's own, by its network, while Slack is reached through the proxy."""
    async with behind() as proxied:
        bot = proxied.bot
        port = bot.model.address.rpartition(":")[2]
        own = {"OPENAI_BASE_URL": f"http://{HERE}:{port}/v1", "NO_PROXY": "0.0.0.0/8,.internal"}
        async with bot.running(own):
            await bot.verify_dialog([(f"{bot.bot.mention} hello", "Ahoy")])
    assert proxied.proxy.hosts() == {"slack.test"}


async def test_this_machine_is_reached_directly(harness: BotHarness) -> None:
    """A proxy for everything does not keep the bot from servers on its own machine."""
    nowhere = "http://127.0.0.1:9"
    async with harness.running({"ALL_PROXY": nowhere, "HTTP_PROXY": nowhere}):
        await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])


async def problem(proxied: ProxiedHarness, **changes: str) -> str:
    """What is said of the first attempt to reach Slack."""
    settings = config.parse({**proxied.bot.environment, **changes})
    async with signing_in(settings.slack, max_attempts=1) as sign_in:
        with pytest.raises(ConfigError) as raised:
            await sign_in.identity
    return raised.value.user_message


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (407, "HTTPS_PROXY names a proxy that does not take the user name and password (407)"),
        (403, "HTTPS_PROXY names a proxy that did not let the bot through to slack.test (status"),
        (502, "HTTPS_PROXY names a proxy that did not let the bot through to slack.test (status"),
    ],
)
async def test_a_proxy_that_refuses_slack(behind: Behind, status: int, sentence: str) -> None:
    """One sentence is about the proxy, not about Slack."""
    async with behind() as proxied:
        proxied.proxy.refusals["slack.test"] = status
        assert (await problem(proxied)).startswith(sentence)


async def test_a_wrong_password(behind: Behind) -> None:
    """The proxy's 407 is told as what it is."""
    async with behind() as proxied:
        told = await problem(proxied, HTTPS_PROXY=proxied.address("bot:wrong"))
    assert "does not take the user name and password (407)" in told


async def test_an_unknown_authority(behind: Behind) -> None:
    """A proxy that looks into what passes has an authority of its own: SSL_CERT_FILE is named."""
    async with behind() as proxied:
        told = await problem(proxied, SSL_CERT_FILE="")
    assert told.startswith(
        "SSL_CERT_FILE does not vouch for the certificate of slack.test (unable to get local issuer"
    )


@pytest.mark.usefixtures("_told_of_log")
async def test_it_is_down_at_the_start(behind: Behind, caplog: pytest.LogCaptureFixture) -> None:
    """The start says so, waits for the proxy, and goes on."""
    async with behind() as proxied:
        bot, proxy = proxied.bot, proxied.proxy

        async def start() -> None:
            async with bot.running():
                await bot.verify_dialog([(f"{bot.bot.mention} hello", "Ahoy")])

        await proxy.stop()
        starting = asyncio.create_task(start())
        line = f"HTTPS_PROXY names a proxy that can't be reached: {proxy.address}. The next attempt"
        await bot.workspace.until(lambda: line in caplog.text)
        await proxy.start()
        await starting


@pytest.mark.usefixtures("_told_of_log")
async def test_it_is_down_for_a_while(behind: Behind, caplog: pytest.LogCaptureFixture) -> None:
    """The socket is opened again when the proxy is back, and what was asked is answered."""
    async with behind() as proxied:
        bot, proxy = proxied.bot, proxied.proxy
        async with bot.running():
            await proxy.stop()
            line = f"HTTPS_PROXY names a proxy that can't be reached: {proxy.address}."
            await bot.workspace.until(lambda: line in caplog.text)
            await proxy.start()
            await bot.workspace.until(lambda: bot.workspace.connections)
            await bot.verify_dialog([(f"{bot.bot.mention} hello", "Ahoy")])
    assert "over Socket Mode: HTTPS_PROXY names a proxy" in caplog.text


@pytest.mark.usefixtures("_told_of_log")
async def test_it_refuses_for_a_while(behind: Behind, caplog: pytest.LogCaptureFixture) -> None:
    """So is a socket that the proxy refused with 502, as proxies do when their own way is cut."""
    async with behind() as proxied:
        bot, proxy = proxied.bot, proxied.proxy
        async with bot.running():
            proxy.refusals["slack.test"] = 502
            await proxy.end_connections()
            await bot.workspace.until(lambda: "through to slack.test (status 502)" in caplog.text)
            proxy.refusals.clear()
            await bot.workspace.until(lambda: bot.workspace.connections)
            await bot.verify_dialog([(f"{bot.bot.mention} hello", "Ahoy")])


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("status", [403, 407])
async def test_the_proxy_refuses_the_model(
    behind: Behind, caplog: pytest.LogCaptureFixture, scheme: Scheme, status: int
) -> None:
    """People read one sentence, and *Try again* helps when the proxy lets the bot through."""
    async with behind(scheme) as proxied:
        bot, proxy = proxied.bot, proxied.proxy
        async with bot.running():
            proxy.refusals["openai.test"] = status
            question, shown = await bot.ask("hello")
            if (scheme, status) == ("http", 403):  # nothing tells it from a refusal of the model's
                assert "does not allow it to use the model" in shown
            else:
                assert "The proxy between this bot and the model" in shown
            proxy.refusals.clear()
            bot.model.enqueue("Ahoy")
            await bot.press(bot.ana, question, "again")
            await bot.answered(question, "Ahoy")
    assert ("HTTPS_PROXY names a proxy" in caplog.text) is (scheme == "https")


async def test_the_models_certificate_is_unknown(
    behind: Behind, caplog: pytest.LogCaptureFixture
) -> None:
    """People read that it is not trusted; the log names SSL_CERT_FILE."""
    async with behind("http") as proxied:
        bot = proxied.bot
        changes = {"OPENAI_BASE_URL": "https://openai.test/v1", "SSL_CERT_FILE": ""}
        async with bot.running(changes):
            _, shown = await bot.ask("hello")
    assert "The certificate of the model's server is not one that this bot trusts" in shown
    assert "SSL_CERT_FILE does not vouch for the certificate of openai.test" in caplog.text

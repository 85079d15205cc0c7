"""The socket to Slack: lost, renewed, refused, silent, closed."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from slack_bolt.async_app import AsyncApp

from slackbot.conversation.inbox_events import (
    InboxEvent,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
)
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.members import Person
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.slack import http_server, socket_mode, texts
from slackbot.slack.client import MAX_CONNECTIONS, web_client
from slackbot.slack.identity import identify
from slackbot.slack.installation import InstallationCheck
from slackbot.slack.listeners import create_app
from tests.harness import BotHarness

LOG = "slackbot.slack.socket_mode"


class Notebook:
    """Writes down what Slack delivers."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.events: list[InboxEvent] = []

    async def on_event(self, event: InboxEvent) -> None:
        self.events.append(event)
        if isinstance(event, MessageReceived):
            self.heard.append(event.message.markup)

    async def on_uninstall(self, team: str) -> None: ...

    def opened(self, user: str, channel: str, tab: str) -> None: ...

    def add_to(self, app: AsyncApp) -> None: ...


@asynccontextmanager
async def listening(
    workspace: Workspace,
    *,
    first_address: str | None = None,
    ping: float = 10.0,
    http: bool = False,
) -> AsyncIterator[Notebook]:
    """An app that only listens, over its socket or over HTTP."""
    notebook = Notebook()
    async with web_client(workspace.url, workspace.bot_token) as client:
        me = await identify(client)
        app = create_app(
            client,
            me,
            signing_secret=workspace.signing_secret,
            installation=InstallationCheck(client),
            handler=notebook,
            home=notebook,
            add_interactions=[notebook.add_to],
        )
        if http:
            async with http_server.listening(
                0, http_server.events(app, workspace.signing_secret)
            ) as port:
                workspace.events_url = f"http://127.0.0.1:{port}/slack/events"
                yield notebook
            return
        async with socket_mode.connecting(
            app, client, me, workspace.app_token, first_address=first_address, ping=ping
        ) as connections:
            await connections.until_open()
            yield notebook


@pytest.fixture
def workspace(harness: BotHarness) -> Workspace:
    return harness.workspace


@pytest.fixture
def ana(harness: BotHarness) -> Person:
    return harness.ana


async def reaches(workspace: Workspace, ana: Person, notebook: Notebook, text: str) -> None:
    """What Ana says now is heard."""
    (channel,) = workspace.channels.values()
    await workspace.say(ana, channel, f"{workspace.bot.mention} {text}")
    await workspace.until(lambda: any(text in heard for heard in notebook.heard))


def attempts(workspace: Workspace) -> int:
    """How often an address was asked for."""
    return sum(call.method == "apps.connections.open" for call in workspace.calls)


def logged(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """The level and the text of each of the socket's lines."""
    return [(each.levelname, each.getMessage()) for each in caplog.records if each.name == LOG]


async def test_reconnects_when_slack_asks(harness: BotHarness) -> None:
    """When Slack refreshes the connection the bot opens another and misses nothing."""
    async with harness.running():
        await harness.workspace.disconnect_sockets(reason="refresh_requested")
        await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])


async def test_reconnects_when_it_is_dropped(workspace: Workspace, ana: Person) -> None:
    """Connections that end without a word are opened again, however often."""
    async with listening(workspace) as notebook:
        for number in range(3):
            await workspace.disconnect_sockets(reason=None)
            await reaches(workspace, ana, notebook, f"hello {number}")


async def test_notices_silence(workspace: Workspace, ana: Person) -> None:
    """A connection through which nothing comes any more, not even a pong, is replaced."""
    async with listening(workspace, ping=0.2) as notebook:
        workspace.sockets.silent = True
        await workspace.until(lambda: workspace.connections and not workspace.sockets.silent)
        await reaches(workspace, ana, notebook, "hello")


async def test_every_attempt_has_an_address_of_its_own(workspace: Workspace, ana: Person) -> None:
    """While Slack refuses connections, for however long, fresh addresses are asked for: an old one
    is good for nothing once Slack lets the bot in again.
    """
    async with listening(workspace) as notebook:
        workspace.sockets.refusing = True
        workspace.sockets.ticket_lifetime = 0.2
        await workspace.disconnect_sockets(reason=None)
        await workspace.until(lambda: attempts(workspace) == 4)
        workspace.sockets.refusing = False
        await reaches(workspace, ana, notebook, "hello")


async def test_calls_that_hang_leave_the_socket_its_connection(harness: BotHarness) -> None:
    """While Slack answers none of the calls that the pool of connections holds, and more of them
    wait, a lost socket is opened again at once.
    """
    workspace = harness.workspace
    people = [workspace.add_person(f"Person {number}") for number in range(MAX_CONNECTIONS + 20)]
    async with harness.running():
        workspace.faults.add("users.info", Fault.hang(), times=len(people))
        for person in people:
            await workspace.say(person, harness.general, f"{workspace.bot.mention} hello")
        await workspace.until(lambda: len(workspace.held_calls) == MAX_CONNECTIONS)
        await workspace.disconnect_sockets(reason=None)
        await workspace.until(lambda: workspace.connections)
        assert len(workspace.held_calls) == MAX_CONNECTIONS
        workspace.release_calls()


async def test_the_first_address_is_too_old(workspace: Workspace, ana: Person) -> None:
    """Where the address from the start is not good any more, Slack is asked for another one."""
    too_old = f"ws://{workspace.address}/link?ticket=used"
    async with listening(workspace, first_address=too_old) as notebook:
        await reaches(workspace, ana, notebook, "hello")
    assert attempts(workspace) == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault.status(503),
        Fault.error("internal_error"),
        Fault.rate_limited(1),
        Fault.reset_before(),
        Fault.reset_after(),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.answer and fault.answer.status}",
)
async def test_no_address_for_a_while(workspace: Workspace, ana: Person, fault: Fault) -> None:
    """Where Slack gives no address the bot asks again until there is one."""
    async with listening(workspace) as notebook:
        workspace.faults.add("apps.connections.open", fault, times=2)
        await workspace.disconnect_sockets()
        await reaches(workspace, ana, notebook, "hello")
        assert not workspace.faults.pending


async def test_a_revoked_app_token(
    workspace: Workspace, ana: Person, caplog: pytest.LogCaptureFixture
) -> None:
    """A token that is refused is a critical line; if Slack takes it again, the bot goes on."""
    async with listening(workspace) as notebook:
        workspace.faults.add("apps.connections.open", Fault.error("invalid_auth"), times=2)
        await workspace.disconnect_sockets()
        await reaches(workspace, ana, notebook, "hello")
    critical = [each for each in caplog.records if each.levelno == logging.CRITICAL]
    assert [each.getMessage() for each in critical] == [
        "Slack refuses the app-level token (invalid_auth): set a new one"
    ] * 2


@pytest.mark.parametrize(
    ("code", "level", "line"),
    [
        (
            "not_allowed_token_type",
            "CRITICAL",
            f"Slack refuses the app-level token ({{code}}): {texts.HOW_TO_GET_SOCKET_ACCESS}",
        ),
        (
            "missing_scope",
            "CRITICAL",
            f"Slack refuses the app-level token ({{code}}): {texts.HOW_TO_GET_SOCKET_ACCESS}",
        ),
        ("internal_error", "WARNING", "Slack gives no address for a socket ({code})"),
        ("forbidden_team", "WARNING", "Slack gives no address for a socket ({code})"),
    ],
)
async def test_the_log_names_slacks_code(
    workspace: Workspace,
    ana: Person,
    caplog: pytest.LogCaptureFixture,
    code: str,
    *,
    level: str,
    line: str,
) -> None:
    """Why Slack gives no address, and what to do where it is the token's fault."""
    async with listening(workspace) as notebook:
        workspace.faults.add("apps.connections.open", Fault.error(code))
        await workspace.disconnect_sockets()
        await reaches(workspace, ana, notebook, "hello")
    assert (level, line.format(code=code)) in logged(caplog)


async def test_the_log_names_the_status_of_a_refused_socket(
    workspace: Workspace, ana: Person, caplog: pytest.LogCaptureFixture
) -> None:
    """Slack, or something in between, answers with an error in place of a WebSocket."""
    async with listening(workspace) as notebook:
        workspace.sockets.refusing = True
        await workspace.disconnect_sockets()
        await workspace.until(lambda: attempts(workspace) == 3)
        workspace.sockets.refusing = False
        await reaches(workspace, ana, notebook, "hello")
    assert ("WARNING", "Slack can't be reached over Socket Mode: status 503") in logged(caplog)


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("refresh_requested", "'refresh_requested'"),
        ("link_disabled", "'link_disabled'"),
        (None, "code 1006"),
    ],
)
async def test_the_log_says_why_a_connection_ends(
    workspace: Workspace,
    ana: Person,
    caplog: pytest.LogCaptureFixture,
    reason: str | None,
    *,
    shown: str,
) -> None:
    """In Slack's word, with what to do about it, or with the WebSocket's code."""
    caplog.set_level(logging.INFO)
    async with listening(workspace) as notebook:
        await workspace.disconnect_sockets(reason=reason)
        await reaches(workspace, ana, notebook, "hello")
    assert ("INFO", f"The connection to Slack ends ({shown}): another one is opened") in logged(
        caplog
    )
    switched_off = [line for _, line in logged(caplog) if "switch it on on the page" in line]
    assert len(switched_off) == (reason == "link_disabled")


async def test_the_log_lets_nobody_in(
    workspace: Workspace, ana: Person, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither addresses nor tokens get into our log, at any level, whatever fails."""
    with caplog.at_level(logging.DEBUG):
        async with listening(workspace) as notebook:
            workspace.sockets.refusing = True
            await workspace.disconnect_sockets()
            await workspace.until(lambda: attempts(workspace) == 3)
            workspace.sockets.refusing = False
            await reaches(workspace, ana, notebook, "hello")
    ours = "\n".join(each.getMessage() for each in caplog.records if "slackbot" in each.name)
    assert "can't be reached over Socket Mode" in ours
    assert "ticket" not in ours
    assert workspace.app_token not in ours


@pytest.mark.parametrize("http", [False, True], ids=["socket", "http"])
async def test_echoes_stop_at_the_edge(workspace: Workspace, ana: Person, *, http: bool) -> None:
    """The echoes of the bot's own posts and edits are acknowledged and go no further; what others
    do arrives, and so does every deletion of a message of the bot.
    """
    (channel,) = workspace.channels.values()
    bot, boss = workspace.bot, workspace.add_person("Boss", admin=True)
    async with listening(workspace, http=http) as notebook:
        question = await workspace.say(ana, channel, "hello")
        begun = await workspace.say(bot, channel, f"{bot.mention} Ah", thread=question.ts)
        opener = await workspace.say(bot, channel, "Good morning")
        await workspace.edit(bot, begun, "Ahoy")
        await workspace.unfurl(begun, "https://example.com")
        await workspace.edit(ana, question, "hello there")
        reply = await workspace.say(ana, channel, "morning", thread=opener.ts)
        await workspace.delete(boss, begun)
        await workspace.delete(boss, opener)
    known = [
        (event.kind, event.ts if isinstance(event, MessageDeleted) else event.message.ts)
        for event in notebook.events
        if isinstance(event, MessageReceived | MessageEdited | MessageDeleted)
    ]
    assert known == [
        ("message", question.ts),
        ("edit", question.ts),
        ("message", reply.ts),
        ("deletion", begun.ts),
        ("deletion", opener.ts),
    ]
    assert all((each.acknowledged, each.attempts) == (True, 1) for each in workspace.deliveries)


async def test_closes(harness: BotHarness) -> None:
    """When the bot stops, its connection is closed."""
    async with harness.running():
        assert harness.workspace.connections == 1
    await harness.workspace.until(lambda: harness.workspace.connections == 0)


async def test_closes_while_it_is_refused(workspace: Workspace) -> None:
    """A bot that waits for Slack can be stopped all the same."""
    async with listening(workspace):
        workspace.sockets.refusing = True
        await workspace.disconnect_sockets()
        await workspace.until(lambda: attempts(workspace) == 3)


async def test_closes_a_silent_connection(workspace: Workspace) -> None:
    """So can one whose connection answers nothing: it does not wait for a goodbye for long."""
    async with listening(workspace):
        workspace.sockets.silent = True


async def test_nonsense_over_the_socket(
    workspace: Workspace, ana: Person, caplog: pytest.LogCaptureFixture
) -> None:
    """Frames that are none of Slack's messages cost a line in the log each."""
    async with listening(workspace) as notebook:
        (connection,) = workspace.sockets.connections
        for frame in ("", "no JSON", "[]", "7", "null", '{"no": "type"}'):
            await connection.socket.send_str(frame)
        await connection.socket.send_bytes(b"\xff")
        await connection.socket.send_str('{"type":"events_api","envelope_id":"E1","payload":[]}')
        await connection.socket.send_str('{"type":"new_kind","envelope_id":"E2"}')
        await reaches(workspace, ana, notebook, "hello")
    warnings = [each for each in caplog.records if each.levelno == logging.WARNING]
    assert len(warnings) == 8

"""Requests that Slack has signed, sent again by somebody who has seen them on their way."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from slackbot.conversation.ids import ChannelId, TeamId
from slackbot.instructions.scopes import Scope
from slackbot.service import Service
from slackbot.store.sqlite import SqliteStore
from tests.harness import BotHarness
from tests.instructions_harness import InstructionsHarness, filled
from tests.security.wire import over_http
from tests.store.faults import full_disk
from tests.store.rows import file_of

NAMES = ("Content-Type", "X-Slack-Request-Timestamp", "X-Slack-Signature")


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it was on the wire."""

    headers: Mapping[str, str]
    body: bytes


class Eavesdropper:
    """Stands between Slack and the bot, and keeps what passes."""

    def __init__(self, service: Service) -> None:
        self._url = f"http://127.0.0.1:{service.port}/slack/events"
        self.seen: list[Seen] = []

    async def pass_on(self, request: web.Request) -> web.Response:
        headers = {name: request.headers[name] for name in NAMES}
        self.seen.append(Seen(headers, await request.read()))
        async with (
            aiohttp.ClientSession() as session,
            session.post(self._url, data=self.seen[-1].body, headers=headers) as answer,
        ):
            return web.Response(
                status=answer.status,
                body=await answer.read(),
                content_type=answer.content_type,
            )

    def that_say(self, words: bytes) -> list[Seen]:
        return [each for each in self.seen if words in each.body]

    async def repeat(self, seen: Seen, service: Service | None = None) -> int:
        """Sends a request again, byte for byte, perhaps to a bot that was started later."""
        url = f"http://127.0.0.1:{service.port}/slack/events" if service else self._url
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=seen.body, headers=seen.headers) as answer,
        ):
            return answer.status


@asynccontextmanager
async def eavesdropping(harness: BotHarness) -> AsyncIterator[tuple[Service, Eavesdropper]]:
    """The bot runs, and somebody reads along."""
    async with over_http(harness) as service:
        attacker = Eavesdropper(service)
        app = web.Application()
        app.router.add_post("/slack/events", attacker.pass_on)
        async with TestServer(app) as server:
            harness.workspace.events_url = str(server.make_url("/slack/events"))
            yield service, attacker


async def texts(harness: BotHarness) -> list[str]:
    """The text of each version of the channel's instructions, once the bot has stopped."""
    store = await SqliteStore.open(file_of(harness.environment["DATABASE_URL"]))
    scope = Scope(TeamId(harness.workspace.team.team_id), ChannelId(harness.general.id))
    history = await store.revisions(scope)
    await store.close()
    return [(each.settings.text or "") if each.settings else "" for each in history]


async def allowed(harness: BotHarness) -> list[str]:
    """Who may change the channel's instructions, once the bot has stopped."""
    store = await SqliteStore.open(file_of(harness.environment["DATABASE_URL"]))
    people = await store.allowed(
        TeamId(harness.workspace.team.team_id), ChannelId(harness.general.id)
    )
    await store.close()
    return list(people)


async def test_a_command_three_times(harness: BotHarness) -> None:
    """Its repeats are acknowledged, and change nothing."""
    team = InstructionsHarness(harness)
    async with eavesdropping(harness) as (_, attacker):
        await team.command(team.ada, "set Be brief.")
        await team.command(team.ada, "append Be kind.")
        (seen,) = attacker.that_say(b"append")
        assert [await attacker.repeat(seen) for _ in range(3)] == [200, 200, 200]
        await team.command(team.ada, "append Be bold.")
    before, once, last = await texts(harness)
    assert (before, once.count("kind"), last.count("kind")) == ("Be brief.", 1, 1)


async def test_a_command_after_a_restart(harness: BotHarness) -> None:
    """A bot that was started again knows what it carried out before."""
    team = InstructionsHarness(harness)
    async with eavesdropping(harness) as (_, attacker):
        await team.command(team.ada, "set Be brief.")
        await team.command(team.ada, f"allow {harness.ben.mention}")
        await team.command(team.ada, f"disallow {harness.ben.mention}")
    async with over_http(harness) as service:
        for words in (b"set", b"disallow", b"text=allow"):
            for seen in attacker.that_say(words):
                assert await attacker.repeat(seen, service) == 200
        await team.command(team.ada, "append Be bold.")
    assert len(await texts(harness)) == 2
    assert not await allowed(harness)


async def test_a_form_three_times(harness: BotHarness) -> None:
    """A form is saved once, before and after a restart, whatever was saved in between."""
    team = InstructionsHarness(harness)
    async with eavesdropping(harness) as (_, attacker):
        view = await team.form(team.ada)
        await team.save(team.ada, view, text="You are a poet.")
        await team.command(team.ada, "set You are a parrot.")
        for seen in attacker.that_say(b"view_submission"):
            assert [await attacker.repeat(seen) for _ in range(3)] == [200, 200, 200]
    async with over_http(harness) as service:
        for seen in attacker.that_say(b"view_submission"):
            assert await attacker.repeat(seen, service) == 200
    assert await texts(harness) == ["You are a poet.", "You are a parrot."]


async def test_a_question_three_times(harness: BotHarness) -> None:
    """An event is answered once, before and after a restart."""
    harness.model.answer = lambda _: "Aye."
    async with eavesdropping(harness) as (service, attacker):
        question = await harness.mention("hello")
        await harness.answered(question, "Aye.")
        await harness.settled()
        for seen in attacker.that_say(b"hello"):
            assert [await attacker.repeat(seen) for _ in range(3)] == [200, 200, 200]
        await service.bot.idle()
    async with over_http(harness) as service:
        for seen in attacker.that_say(b"hello"):
            assert await attacker.repeat(seen, service) == 200
        await service.bot.idle()
    assert len(harness.model.requests) == 1


async def test_a_button_three_times(harness: BotHarness) -> None:
    """An answer is written again once for each press, before and after a restart."""
    harness.model.answer = lambda _: "Aye."
    async with eavesdropping(harness) as (service, attacker):
        question = await harness.mention("hello")
        await harness.finished(question)
        await harness.press(harness.ana, question, "again")
        await harness.settled()
        assert len(harness.model.requests) == 2
        presses = attacker.that_say(b"block_actions")
        for press in presses:
            assert [await attacker.repeat(press) for _ in range(3)] == [200, 200, 200]
        await service.bot.idle()
    async with over_http(harness) as service:
        for press in presses:
            assert await attacker.repeat(press, service) == 200
        await service.bot.idle()
    assert presses
    assert len(harness.model.requests) == 2


async def test_a_trial_three_times(harness: BotHarness) -> None:
    """The button that asks the model costs one request, before and after a restart."""
    team = InstructionsHarness(harness)
    harness.model.answer = lambda _: "Aye."
    async with eavesdropping(harness) as (_, attacker):
        view = await team.form(team.ada)
        question = filled(view, question="Why?")
        await harness.workspace.click(team.ada, view, "slackbot_try", filled=question)
        await harness.workspace.until(lambda: "Aye." in team.said(team.ada))
        tries = attacker.that_say(b"slackbot_try")
        for seen in tries:
            assert [await attacker.repeat(seen) for _ in range(3)] == [200, 200, 200]
    async with over_http(harness) as service:
        for seen in tries:
            assert await attacker.repeat(seen, service) == 200
        await team.command(team.ada, "set Be brief.")
    assert tries
    assert len(harness.model.requests) == 1


async def test_what_failed_may_come_again(harness: BotHarness) -> None:
    """An event that could not be stored is taken in when the same request comes again."""
    harness.model.answer = lambda _: "Aye."
    async with eavesdropping(harness) as (service, attacker):
        with full_disk(file_of(harness.environment["DATABASE_URL"])):
            question = await harness.mention("hello")
            for seen in attacker.that_say(b"hello"):
                assert await attacker.repeat(seen) == 503
        for seen in attacker.that_say(b"hello"):
            assert await attacker.repeat(seen) == 200
        await harness.answered(question, "Aye.")
        await service.bot.idle()
    assert len(harness.model.requests) == 1


async def test_an_envelope_three_times(harness: BotHarness) -> None:
    """Over Socket Mode a command that is delivered again is acknowledged, and changes nothing."""
    team = InstructionsHarness(harness)
    async with harness.running():
        await team.command(team.ada, "set Be brief.")
        await team.command(team.ada, "append Be kind.")
        command = harness.workspace.deliveries[-1]
        for _ in range(3):
            assert (await harness.workspace.redeliver(command)).acknowledged
        await team.command(team.ada, "append Be bold.")
    _, once, last = await texts(harness)
    assert (once.count("kind"), last.count("kind")) == (1, 1)

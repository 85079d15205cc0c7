"""Two people have the same conversation with each server, in Slack and over the real wire."""

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from slackbot.playground.fake_openai.script import Script, says
from slackbot.playground.fake_slack.workspace import Workspace
from tests import sample_files
from tests.harness import BotHarness
from tests.llm.openai.servers.profiles import KEY, SERVERS, ServerProfile

TAKES_NO = re.compile(r"^Model \S+ takes no ([\w, ]+?)(?P<once> this time)?$")


def answer(profile: ServerProfile, request: Mapping[str, Any]) -> Script:
    """Calls the clock when it is asked for the time; else says how much it sees."""
    *_, last = request["messages"]
    if last["role"] == "tool":
        return says("It is late.")
    text = str(last["content"])
    if "tools" in request and "what time" in text:
        return profile.call
    if "count" in text:
        return says("one two three").held(after=1)
    if "hello?" in text:
        return says("Words.").held(after=1)
    return says("A picture!" if "image_url" in text else "Words.")


@pytest.mark.parametrize("profile", SERVERS, ids=lambda profile: profile.name)
async def test_a_conversation(
    profile: ServerProfile, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A question, a second person, a tool, a picture and a stop: each is answered. The question
    after that is taken at once, since the bot has learned what the server refuses.
    """
    async with Workspace() as workspace, profile.server() as model:
        model.answer = partial(answer, profile)
        harness = BotHarness(workspace, model, tmp_path)
        url = {"OPENAI_BASE_URL": profile.url(model), "OPENAI_API_KEY": KEY}
        async with harness.running(url):
            question = await harness.mention("hello?")
            await harness.answered(question, "Words.")
            bot, thread = harness.bot.mention, question.ts
            for said in (f"{bot} and me?", f"{bot} and us?"):
                await workspace.say(harness.ben, harness.general, said, thread=thread)
            await harness.all_received()
            model.release()
            await harness.service.bot.idle()
            _, third = await harness.ask("what time is it?", thread=thread)
            assert third.startswith("It is late." if profile.has_tools else "Words.")
            picture = workspace.share(
                harness.ana, "parrot.png", sample_files.picture(), "image/png"
            )
            _, seen = await harness.ask("what is this?", picture, thread=thread)
            assert seen.startswith("A picture!" if profile.sees else "Words.")
            counting = await workspace.say(
                harness.ana, harness.general, f"{bot} count", thread=thread
            )
            await harness.stop(harness.ana, counting)
            await harness.service.bot.idle()
            refused = len(model.requests) - len(model.streams)
            _, last = await harness.ask("are you there?", thread=thread)
            assert last == "Words."
            assert len(model.requests) - len(model.streams) == refused + profile.later_refusals
    assert refused == profile.refusals
    assert learned(caplog) == profile.negotiated


def learned(caplog: pytest.LogCaptureFixture) -> set[str]:
    """What the log says that the model does not take."""
    found = (TAKES_NO.match(record.getMessage()) for record in caplog.records)
    lists = [match[1].split(", ") for match in found if match and not match["once"]]
    return {feature for features in lists for feature in features}

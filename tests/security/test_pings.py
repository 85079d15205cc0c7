"""Nothing that the bot sends to Slack notifies anyone, wherever it stands and however it is
spelled.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from slackbot.playground.fake_openai.script import (
    Script,
    calls,
    calls_together,
    declines,
    fails,
    says,
    searches,
)
from slackbot.slack.home_tab_view import EDIT_PROMPTS
from slackbot.slack.modal_state import TRY
from tests import sample_files
from tests.harness import BotHarness
from tests.instructions_harness import InstructionsHarness, filled, view_text
from tests.markdown.mention_samples import has_mention
from tests.security.mcp_stage import HostileServer, needs_approval, reads, settings

PINGS = (
    "<!channel> <!here|here> <!everyone> <!group> <!subteam^S1|@team> <!brand_new> <@U0A00000002> "
    "@channel @here @everyone @group &lt;!channel&gt; &amp;lt;!channel&amp;gt; &#38;lt;!here&#38; "
    "&#60;!channel> \\<!channel> <\\!channel> [<!channel>](https://example.com/<!channel>) "
    "![<!here>](https://example.com/a.png) `<!channel>` <!channel"
)

FENCED_CODE = re.compile(r"^```\n.*?^```$", re.MULTILINE | re.DOTALL)

UNREAD = frozenset({"token", "channel", "thread_ts", "ts", "cursor", "metadata"})
"""Arguments that nobody reads."""


def strings(value: Any, *, in_view: bool = False) -> Iterator[str]:
    """All texts in a call's arguments that Slack may read for mentions. In a view, that is no
    plain text, nor what stands in a field for a person to edit.
    """
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        kind = value.get("type")
        for name, each in value.items():
            is_plain = (kind, name) in {
                ("plain_text", "text"),
                ("plain_text_input", "initial_value"),
            }
            if not (in_view and is_plain):
                yield from strings(each, in_view=in_view)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each, in_view=in_view)


def pings(text: str) -> bool:
    """Whether a text may notify somebody. Words such as @here do so anywhere but in code."""
    return has_mention(FENCED_CODE.sub(lambda code: re.sub("(?<!<)@", "", code[0]), text))


def sent(harness: BotHarness) -> list[tuple[str, str]]:
    """(method, text) of everything that the bot has sent to Slack."""
    return [
        (call.method, text)
        for call in harness.workspace.calls
        for name, value in call.args.items()
        if name not in UNREAD
        for text in strings(value, in_view=call.method.startswith("views."))
    ]


@pytest.mark.parametrize("streaming", ["edit", "native"])
async def test_all_that_is_sent(harness: BotHarness, streaming: str) -> None:
    """An answer with text, tools, a confirmation, a picture, sources and quotes; a person and a
    channel with such names, and the settings that they change: every text of every call.
    """
    harness.model.media.picture = sample_files.picture("PNG")
    described, ship = json.dumps({"description": PINGS}), json.dumps({"ship": PINGS})
    harness.model.enqueue(
        searches(("https://example.com/<!channel>?@here", PINGS)).then(says(PINGS)),
        calls_together(calls("draw_picture", described), calls("<!channel>", "{}", call_id="c2")),
        says(f"> {PINGS}\n\n# {PINGS}\n\n| {PINGS} |\n|---|\n| {PINGS} |\n"),
        says(PINGS).then(calls("sink", ship)),
        Script(tuple({"content": character} for character in PINGS)),
        declines(PINGS),
        fails(404, PINGS, code="model_not_found"),
    )
    ana = harness.workspace.add_person(PINGS[:70], admin=True)
    channel = harness.workspace.add_channel("<!channel>", members=[ana])
    changes = {
        "SLACKBOT_STREAMING": streaming,
        "OPENAI_IMAGE_MODEL": "artist",
        "SLACKBOT_TOOLS": "tests.tools.sample_tools",
    }
    bot, workspace = harness.bot.mention, harness.workspace
    async with harness.running(changes):
        await workspace.say(ana, channel, f"{bot} instructions set {PINGS}")
        await harness.settled()
        await workspace.say(ana, channel, f"{bot} instructions history")
        for _ in range(2):
            await workspace.say(ana, channel, f"{bot} {PINGS}")
            await harness.settled()
        question = await workspace.say(ana, channel, f"{bot} {PINGS}")
        await harness.press(ana, question, "confirm")
        await harness.settled()
        for _ in range(2):
            await workspace.say(ana, channel, f"{bot} {PINGS}")
            await harness.settled()
    texts = sent(harness)
    methods = {method for method, _ in texts}
    assert {"chat.postMessage", "files.completeUploadExternal", "chat.postEphemeral"} <= methods
    assert ("chat.startStream" in methods) == (streaming == "native")
    assert [(method, text) for method, text in texts if pings(text)] == []


def has_shown(harness: BotHarness, views: int) -> bool:
    """Whether the bot has opened, changed or published so many views."""
    return len(harness.workspace.views.history) >= views


async def test_forms_and_the_home_tab(harness: BotHarness, tmp_path: Path) -> None:
    """A form that is opened, tried out (once the model fails) and saved, the Home tab with
    instructions, prompts and a changed tool, and what commands answer in private.
    """
    server = HostileServer(tmp_path)
    server.says(reads("echo"))
    mcp = settings(tmp_path, evil=server.config())
    async with harness.running(mcp):
        await needs_approval(harness, "evil_echo")
    schema = {"type": "object", "properties": {PINGS: {"description": PINGS}}}
    server.says(reads("echo", description=PINGS, inputSchema=schema))
    harness.workspace.calls.clear()
    workspace = harness.workspace
    async with harness.running(mcp):
        team = InstructionsHarness(harness)
        view = await team.form(team.ada)
        harness.model.enqueue(says(PINGS), fails(404, PINGS, code="model_not_found"))
        for _ in range(2):
            shown_before = len(workspace.views.history)
            trial = filled(view, text=PINGS, question=PINGS)
            await workspace.click(team.ada, view, TRY, filled=trial)
            await workspace.until(partial(has_shown, harness, shown_before + 2))
            view = team.on_top(team.ada)
        assert "version 1" in await team.save(team.ada, view, text=PINGS, note=["note"])
        for words in ("show", "history", "who", f"model {PINGS}", f"workspace set {PINGS}"):
            await team.command(team.ada, words)
        await workspace.open_home(team.ada)
        await workspace.until(
            lambda: "evil" in view_text(workspace.views.homes.get(team.ada.id, {"blocks": []}))
        )
        await workspace.click(team.ada, workspace.views.homes[team.ada.id], EDIT_PROMPTS)
        await harness.settled()
    shown = [(method, text.replace(team.ada.mention, "")) for method, text in sent(harness)]
    assert {"views.open", "views.update", "views.publish", "chat.postMessage"} <= dict(shown).keys()
    assert [(method, text) for method, text in shown if has_mention(text)] == []
    told = [each.text.replace(team.ada.mention, "") for each in workspace.ephemerals]
    assert len(told) >= 5
    assert [text for text in told if has_mention(text)] == []

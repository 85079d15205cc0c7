"""Nothing that the bot sends to Slack notifies anyone, wherever it stands and however it is
spelled.
"""

import json
from collections.abc import Iterator, Mapping
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
from tests import sample_files
from tests.harness import BotHarness
from tests.markdown.mention_samples import has_mention

PINGS = (
    "<!channel> <!here|here> <!everyone> <!group> <!subteam^S1|@team> <!brand_new> <@U0A00000002> "
    "@channel @here @everyone @group &lt;!channel&gt; &amp;lt;!channel&amp;gt; &#38;lt;!here&#38; "
    "&#60;!channel> \\<!channel> <\\!channel> [<!channel>](https://example.com/<!channel>) "
    "![<!here>](https://example.com/a.png) `<!channel>` <!channel"
)

UNREAD = frozenset({"token", "channel", "thread_ts", "ts", "cursor", "metadata"})
"""Arguments that nobody reads."""


def strings(value: Any) -> Iterator[str]:
    """All texts in a call's arguments that Slack may read for mentions."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        if value.get("type") != "plain_text_input":  # its value is what a person edits
            for each in value.values():
                yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)


def sent(harness: BotHarness) -> list[tuple[str, str]]:
    """(method, text) of everything that the bot has sent to Slack."""
    return [
        (call.method, text)
        for call in harness.workspace.calls
        for name, value in call.args.items()
        if name not in UNREAD
        for text in strings(value)
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
    assert [(method, text) for method, text in texts if has_mention(text)] == []

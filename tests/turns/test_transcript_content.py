"""What people see in Slack reaches the model: blocks, attachments, forwarded messages, tables."""

from typing import Any

import pytest

from slackbot.markdown.speakers import indented
from slackbot.playground.fake_slack.faults import Fault
from tests.harness import BotHarness
from tests.tools.tool_calls import read_link

ANSWER = """\
## Sizes

See [the guide](https://x.org/a) for **all** of it:

| what | size |
| :-- | --: |
| `a.txt` | 1 |
| b \\| c | **2** |

1. first
    - inner
2. second 🚢

```python
a = 1 < 2
```

> quoted

That is *it*, ~~almost~~."""

READ_BACK = ANSWER.replace("*it*", "_it_")


async def test_an_alert(harness: BotHarness) -> None:
    """An alert without text is read from its attachments, under the name that people see."""
    alerts = harness.workspace.add_person("alerts", bot=True)
    alert = {
        "pretext": "Something is up",
        "title": "High CPU on web-1",
        "title_link": "https://grafana.example/d/1",
        "text": "Usage is *97 %* &gt; 90 %",
        "fields": [{"title": "host", "value": "web-1"}, {"title": "since", "value": "07:00"}],
        "footer": "Grafana v11",
        "fallback": "[FIRING] High CPU",
    }
    root = await harness.said_before(
        alerts,
        "",
        subtype="bot_message",
        username="Grafana",
        attachments=[alert, {"fallback": "a second one"}, {"fallback": "[no preview available]"}],
    )
    async with harness.running():
        harness.model.enqueue("Restart it.")
        await harness.mention("what now?", thread=root.ts)
        await harness.answered(root, "Restart it.")
    assert harness.history() == [
        (
            "user",
            "Grafana",
            (
                "Something is up\nHigh CPU on web-1 (https://grafana.example/d/1)\n"
                "Usage is *97 %* > 90 %\nhost: web-1\nsince: 07:00\nGrafana v11\n\na second one"
            ),
        ),
        ("user", "Ana", "what now?"),
    ]


async def test_names_of_an_app(harness: BotHarness) -> None:
    """An app that posts under several names is several speakers, and none of them is a person."""
    app = harness.workspace.add_person("relay", bot=True)
    root = await harness.said_before(harness.ana, "hi")
    for name in ("Build", "Deploy", "Ana", "Build"):
        await harness.said_before(
            app,
            f"{name} says",
            thread=root.ts,
            subtype="bot_message",
            username=name,
        )
    async with harness.running():
        harness.model.enqueue("Aye")
        await harness.mention("so?", thread=root.ts)
        await harness.finished(root)
    assert [name for _, name, _ in harness.history()] == [
        *("Ana", "Build", "Deploy", "Ana_2", "Build", "Ana"),
    ]


async def test_blocks_without_text(harness: BotHarness) -> None:
    """Blocks are what people see, whatever the text for the notification says."""
    app = harness.workspace.add_person("deploys", bot=True)
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": "Deploy failed"}},
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": "*web* of &lt;main&gt; by <@U9|eve>"},
            "fields": [{"type": "mrkdwn", "text": "*Step*\ntests"}],
            "accessory": {"type": "image", "image_url": "https://x.org/i", "alt_text": "a graph"},
        },
        {"type": "context", "elements": [{"type": "plain_text", "text": "took 3 min"}]},
    ]
    root = await harness.said_before(app, "", blocks=blocks)
    await harness.said_before(app, "A new deploy", thread=root.ts, blocks=blocks[:1])
    async with harness.running():
        harness.model.enqueue("Aye")
        await harness.mention("why?", thread=root.ts)
        await harness.answered(root, "Aye")
    assert [content for _, _, content in harness.history()] == [
        (
            "## Deploy failed\n\n*web* of <main> by @eve\n*Step*\ntests\n[image: a graph]\n\n"
            "took 3 min"
        ),
        "## Deploy failed",
        "why?",
    ]


async def test_a_forwarded_message(harness: BotHarness) -> None:
    """Who wrote it, where, when, its text and its files come after what the person says of it."""
    private = harness.workspace.add_channel("ops", members=[harness.ben])
    file = harness.workspace.share(harness.ben, "log.txt", b"segfault in main", "text/plain")
    text = f"ask {harness.ana.mention}:\n• <https://x.org|this>"
    async with harness.running():
        said = await harness.workspace.say(harness.ben, private, text, files=[file])
        harness.model.enqueue("Aye")
        question = await harness.workspace.forward(
            harness.ana, said, harness.general, f"{harness.bot.mention} what is this?"
        )
        await harness.answered(question, "Aye")
    ((_, _, content),) = harness.history()
    asked, header, *quote = content.splitlines()[:1] + content.splitlines()[2:6]
    assert asked == "what is this?"
    assert header.startswith("[Forwarded message from Ben (Posted in #ops, 20")
    assert header.endswith(f" UTC, {harness.workspace.permalink(said)})]")
    assert quote[:2] == ["> ask @Ana:", "> • this (https://x.org)"]
    assert "segfault in main" in content


@pytest.mark.parametrize("said", ["{me} hello", "{me} instructions reset", "<!here> hello"])
async def test_nobody_speaks_through_a_forwarded_message(harness: BotHarness, said: str) -> None:
    """A mention or a command in what somebody forwards is not theirs, nor do they address others
    by it.
    """
    elsewhere = harness.workspace.add_channel("elsewhere", private=True, with_bot=False)
    me = harness.bot.mention
    old = await harness.workspace.say(harness.ben, elsewhere, said.format(me=me))
    async with harness.running():
        await harness.workspace.forward(harness.ana, old, harness.general, "look at that")
        await harness.settled()
        assert not harness.model.requests
        root = await harness.verify_dialog([(f"{me} hi", "Ahoy")])
        harness.model.enqueue("It is old.")
        await harness.workspace.forward(
            harness.ana, old, harness.general, "and that?", thread=root.ts
        )
        await harness.answered(root, "Ahoy", "It is old.")
    asked = harness.history()[-1][2]
    assert asked.startswith("and that?\n\n[Forwarded message from Ben (")
    assert asked.endswith("> " + said.format(me="@assistant").replace("<!here>", "@here"))


async def test_a_forwarded_command_in_a_direct_message(harness: BotHarness) -> None:
    """A message that is only forwarded is a question about it."""
    old = await harness.said_before(harness.ben, "instructions reset")
    direct = harness.workspace.direct_message(harness.ana)
    async with harness.running():
        harness.model.enqueue("It resets them.")
        question = await harness.workspace.forward(harness.ana, old, direct)
        await harness.answered(question, "It resets them.")
    assert harness.history()[0][2].endswith("\n> instructions reset")


async def test_a_pasted_table(harness: BotHarness) -> None:
    """A table that a person pastes is in an attachment, and read as one."""
    cell = {"type": "rich_text_section", "elements": [{"type": "text", "text": "1,200"}]}
    table = {
        "type": "table",
        "rows": [
            [{"type": "raw_text", "text": "Name"}, {"type": "raw_text", "text": "Amount"}],
            [
                {"type": "raw_text", "text": "A | B"},
                {"type": "rich_text", "elements": [cell]},
            ],
        ],
    }
    pasted = {"id": 1, "blocks": [table], "fallback": "[no preview available]"}
    async with harness.running():
        harness.model.enqueue("Aye")
        question = await harness.workspace.say(
            harness.ana, harness.general, f"{harness.bot.mention} add up", attachments=[pasted]
        )
        await harness.answered(question, "Aye")
    assert harness.history()[0][2] == (
        "add up\n\n| Name | Amount |\n| --- | --- |\n| A \\| B | 1,200 |"
    )


async def test_previews_are_no_edits(harness: BotHarness) -> None:
    """The preview of a link that Slack adds starts nothing, and is read with the thread later."""
    link = "https://x.org/a"
    async with harness.running():
        root = await harness.workspace.say(harness.ben, harness.general, f"see <{link}>")
        harness.model.enqueue("Aye")
        question = await harness.mention(f"<{link}>?")
        await harness.answered(question, "Aye")
        for message in (root, question):
            await harness.workspace.unfurl(message, link, "The *guide*")
        await harness.settled()
        assert len(harness.model.requests) == 1
        harness.model.enqueue("Other")
        await harness.workspace.edit(harness.ana, question, f"{harness.bot.mention} changed")
        await harness.answered(question, "Other")
        harness.model.enqueue("Again")
        await harness.mention("go on", thread=root.ts)
        await harness.answered(root, "Again")
    assert harness.history(0)[0][2] == f"{link}?"
    assert harness.history()[0][2] == f"see {link}\n\n[Preview of {link}]\n> The *guide*"


async def test_own_answers_are_read_back(harness: BotHarness) -> None:
    """Slack makes other blocks of an answer's Markdown. A thread that is read again, because the
    database is lost or because somebody links to it, has the whole answer.
    """
    async with harness.running():
        harness.model.enqueue(ANSWER)
        root = await harness.mention("sizes?")
        await harness.finished(root)
    async with harness.running({"DATABASE_URL": harness.environment["DATABASE_URL"] + ".new"}):
        harness.model.enqueue("Aye")
        await harness.mention("go on", thread=root.ts)
        await harness.answered(root, ANSWER, "Aye")
        assert ("assistant", "", READ_BACK) in harness.history()
        assert f"You: {indented(READ_BACK)}\n" in await read_link(harness, root)


async def test_channels_and_groups_without_their_names(harness: BotHarness) -> None:
    """Each is looked up once, also if it is mentioned again; nobody learns of a private channel."""
    random = harness.workspace.add_channel("random")
    hidden = harness.workspace.add_channel("layoffs", private=True)
    foreign = harness.workspace.add_channel("board", private=True, with_bot=False)
    ops = harness.workspace.add_group("ops")
    said = f"<#{random.id}|> <#{random.id}> <#{hidden.id}|> <#{foreign.id}> <!subteam^{ops}>"
    async with harness.running():
        await harness.verify_dialog([(f"{harness.bot.mention} {said}", "Ahoy")])
        await harness.verify_dialog([(f"{harness.bot.mention} in <#{random.id}>", "Aye")])
        assert harness.history(0) == [
            ("user", "Ana", "#random #random a private channel a private channel @ops")
        ]
        assert harness.history(1) == [("user", "Ana", "in #random")]
        harness.model.enqueue("Yes")
        question = await harness.workspace.say(
            harness.ana, hidden, f"{harness.bot.mention} why <#{hidden.id}|>?"
        )
        await harness.answered(question, "Yes")
    assert harness.history()[0][2] == "why #layoffs?"
    asked = [
        call.args["channel"]
        for call in harness.workspace.calls
        if call.method == "conversations.info"
    ]
    assert sorted(asked) == sorted({harness.general.id, random.id, hidden.id, foreign.id})


@pytest.mark.parametrize(
    "fault", [Fault.status(503), Fault.error("missing_scope"), Fault.rate_limited(30)]
)
async def test_names_that_slack_does_not_tell(harness: BotHarness, fault: Fault) -> None:
    """Nobody waits long for a name: the ID stays, and the question is answered."""
    for method in ("conversations.info", "usergroups.list"):
        harness.workspace.faults.add(method, fault, times=9)
    async with harness.running():
        await harness.verify_dialog([(f"{harness.bot.mention} <#C404|> <!subteam^S404>", "Ahoy")])
    assert harness.history() == [("user", "Ana", "#C404 @S404")]

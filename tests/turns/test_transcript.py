"""What the model is told was said: by whom, in plain text, from the thread's beginning on."""

from slackbot.playground.fake_openai.script import calls, declines, says
from slackbot.playground.fake_slack.faults import Fault
from tests.harness import Stage


async def test_mention_in_the_middle_of_a_thread(stage: Stage) -> None:
    """A thread that people already have is read once, and begins the conversation by name."""
    root = await stage.said_before(stage.ben, "shall we use Rust?")
    await stage.said_before(stage.ana, "or &lt;Go&gt;", thread=root.ts)
    async with stage.playing():
        stage.model.enqueue("Use Python.", "Because.")
        await stage.mention("what do you say?", thread=root.ts)
        await stage.answered(root, "Use Python.")
        await stage.workspace.say(stage.ben, stage.general, "why?", thread=root.ts)
        await stage.answered(root, "Use Python.", "Because.")
    assert stage.history() == [
        ("user", "Ben", "shall we use Rust?"),
        ("user", "Ana", "or <Go>"),
        ("user", "Ana", "what do you say?"),
        ("assistant", "", "Use Python."),
        ("user", "Ben", "why?"),
    ]
    reads = [call for call in stage.workspace.calls if call.method == "conversations.replies"]
    assert len(reads) == 1


async def test_a_mention_from_before_the_bot_was_invited(stage: Stage) -> None:
    """A mention that nobody told the bot of is part of the thread that it reads later."""
    root = await stage.said_before(stage.ana, f"{stage.bot.mention} what is Rust?")
    later = {
        "type": "app_mention",
        "channel": stage.general.id,
        "user": stage.ana.id,
        "text": f"{stage.bot.mention} and?",
        "thread_ts": root.ts,
        "ts": f"{float(root.ts) + 20:.6f}",  # it took somebody a while to invite the bot
    }
    async with stage.playing():
        stage.model.enqueue("A language.")
        await stage.workspace.deliver(later)
        await stage.answered(root, "A language.")
    assert [content for _, _, content in stage.history()] == ["what is Rust?", "and?"]


async def test_mentions_in_reverse_order(stage: Stage) -> None:
    """Of two mentions in a thread that are delivered in reverse order, each is said once."""
    root = await stage.said_before(stage.ben, "before")
    for said in ("first", "second"):
        await stage.said_before(stage.ana, f"{stage.bot.mention} {said}", thread=root.ts)
    async with stage.playing():
        stage.model.enqueue("one", "two")
        for delivery in reversed(stage.workspace.deliveries[1:]):
            await stage.workspace.redeliver(delivery)
        await stage.answered(root, "one", "two")
    assert [content for role, _, content in stage.history() if role == "user"] == [
        "before",
        "second",
        "first",
    ]


async def test_long_thread_is_read_to_its_end(stage: Stage) -> None:
    """Of a thread of several pages the newest 200 messages are taken."""
    root = await stage.said_before(stage.ana, "begin")
    for number in range(450):
        await stage.said_before(stage.ben, f"line {number}", thread=root.ts)
    async with stage.playing():
        stage.model.enqueue("Noted.")
        await stage.mention("sum up", thread=root.ts)
        await stage.answered(root, "Noted.")
    contents = [content for _, _, content in stage.history()]
    assert contents == [*(f"line {number}" for number in range(250, 450)), "sum up"]


async def test_names(stage: Stage) -> None:
    """Each person has a usable name of their own, which stays when they change theirs."""
    zoe = stage.workspace.add_person("Zoë [ops]")
    wang = stage.workspace.add_person("王小明")
    other = stage.workspace.add_person("ana")
    async with stage.playing():
        root = await stage.verify_dialog([(f"{stage.bot.mention} hi", "Ahoy")])
        for number, person in enumerate((zoe, wang, other)):
            stage.model.enqueue(f"answer {number}")
            await stage.workspace.say(person, stage.general, "hi", thread=root.ts)
            await stage.answered(root, "Ahoy", *(f"answer {n}" for n in range(number + 1)))
    names = [name for role, name, _ in stage.history() if role == "user"]
    assert names == ["Ana", "Zoe_ops", "WangXiaoMing", "ana_2"]
    asked = [call.args["user"] for call in stage.workspace.calls if call.method == "users.info"]
    assert sorted(asked) == sorted({stage.ana.id, zoe.id, wang.id, other.id})


async def test_markup_becomes_plain_text(stage: Stage) -> None:
    """The model reads names, channels and links instead of Slack's markup."""
    async with stage.playing():
        stage.model.enqueue("Aye")
        question = await stage.mention(
            f"ask {stage.ben.mention} in <#C1|ops> about <https://x.org|this> &amp; that"
        )
        await stage.answered(question, "Aye")
    assert stage.history() == [
        ("user", "Ana", "ask @Ben in #ops about this (https://x.org) & that")
    ]


async def test_people_who_cannot_be_named_yet(stage: Stage) -> None:
    """While Slack does not tell a name nobody waits for it, and it is asked again."""
    stage.workspace.faults.add("users.info", Fault.status(503))
    async with stage.playing():
        await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy"), ("and now?", "Aye")])
    assert stage.history() == [
        ("user", stage.ana.id, "hello"),
        ("assistant", "", "Ahoy"),
        ("user", "Ana", "and now?"),
    ]


async def test_a_history_that_cannot_be_read(stage: Stage) -> None:
    """Where Slack does not give the thread's history the question is answered without it."""
    root = await stage.said_before(stage.ben, "before")
    stage.workspace.faults.add("conversations.replies", Fault.error("missing_scope"))
    async with stage.playing():
        stage.model.enqueue("Ahoy")
        await stage.mention("hello", thread=root.ts)
        await stage.answered(root, "Ahoy")
    assert stage.history() == [("user", "Ana", "hello")]


async def test_failures_are_not_read_back_as_answers(stage: Stage) -> None:
    """When a lost database is made up for from Slack, the sentences of failures stay out of it."""
    async with stage.playing():
        stage.model.enqueue(says("one two").ending("length"))
        root = await stage.mention("count")
        await stage.workspace.until(
            lambda: stage.answers(root) and "⚠️" in stage.answers(root)[0].shown
        )
    async with stage.playing({"DATABASE_URL": stage.environment["DATABASE_URL"] + ".new"}):
        stage.model.enqueue("Three.")
        await stage.mention("go on", thread=root.ts)
        await stage.workspace.until(lambda: stage.answers(root)[-1].shown == "Three.")
    assert ("assistant", "", "one two") in stage.history()


async def test_what_stands_beside_an_answer_is_not_read_back(stage: Stage) -> None:
    """From a thread that is read anew the model gets its words, its refusal as one, and not the
    line that says which tools it used.
    """
    async with stage.playing():
        stage.model.enqueue(calls("search_conversations", '{"words": "x"}'), "So.")
        question = await stage.mention("look")
        await stage.finished(question)
        stage.model.enqueue(declines("I won't."))
        await stage.workspace.say(stage.ana, stage.general, "and?", thread=question.ts)
        await stage.workspace.until(lambda: "won't" in stage.answers(question)[-1].shown)
        await stage.service.bot.idle()
    async with stage.playing({"DATABASE_URL": stage.environment["DATABASE_URL"] + ".new"}):
        stage.model.enqueue("Fine.")
        await stage.mention("again", thread=question.ts)
        await stage.workspace.until(lambda: stage.answers(question)[-1].shown == "Fine.")
    answers = [m for m in stage.model.requests[-1]["messages"] if m["role"] == "assistant"]
    assert [(m["content"], m.get("refusal", "")) for m in answers] == [
        ("So.", ""),
        ("", "I won't."),
    ]


async def test_only_a_mention(stage: Stage) -> None:
    """A message that is nothing but the mention is answered too."""
    async with stage.playing():
        stage.model.enqueue("Yes?")
        question = await stage.mention("")
        await stage.answered(question, "Yes?")
    assert stage.history() == [("user", "Ana", "(no text)")]

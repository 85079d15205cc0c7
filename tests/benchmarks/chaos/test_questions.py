"""What the chaos run knows of its questions."""

import pytest

from benchmarks.chaos.questions import Asked, Questions, edited_text, find_questions
from slackbot.playground.fake_slack.members import Channel, Person
from slackbot.playground.fake_slack.workspace import Workspace


def test_versions_count_up() -> None:
    """Each edit of a question asks its next version, and the text tells which."""
    text = f"<@U1> {Asked(17).text}"
    assert list(find_questions(text)) == [Asked(17)]
    assert list(find_questions(edited_text(text))) == [Asked(17, 1)]
    assert list(find_questions(edited_text(edited_text(text)))) == [Asked(17, 2)]


@pytest.mark.usefixtures("app")
async def test_the_newest_acknowledged_version_counts(
    workspace: Workspace, ann: Person, channel: Channel
) -> None:
    """A version counts once it is acknowledged, and an older one that comes again does not."""
    questions = Questions(workspace, [ann])
    asked = await workspace.say(ann, channel, Asked(1).text)
    (older,) = await workspace.edit(ann, asked, Asked(1, 1).text)
    await workspace.edit(ann, asked, Asked(1, 2).text)
    await workspace.redeliver(older)
    async with workspace.hold_events():
        await workspace.edit(ann, asked, Asked(1, 3).text)
        assert questions.acknowledged == {(channel.id, asked.ts): 2}
    assert questions.acknowledged == {(channel.id, asked.ts): 3}


@pytest.mark.usefixtures("app")
async def test_a_deleted_question_needs_no_answer(
    workspace: Workspace, ann: Person, channel: Channel
) -> None:
    """A deleted question, with or without replies, no longer counts as acknowledged."""
    questions = Questions(workspace, [ann])
    alone = await workspace.say(ann, channel, Asked(1).text)
    replied = await workspace.say(ann, channel, Asked(2).text)
    reply = await workspace.say(ann, channel, Asked(3).text, thread=replied.ts)
    await workspace.delete(ann, alone)
    await workspace.delete(ann, replied)
    assert questions.acknowledged == {(channel.id, reply.ts): 0}
    assert questions.deleted == {(channel.id, alone.ts), (channel.id, replied.ts)}
    assert questions.roots == [alone, replied]


@pytest.mark.usefixtures("app")
async def test_events_about_questions(workspace: Workspace, ann: Person, channel: Channel) -> None:
    """What happens to a person's message concerns a question; the bot's own messages do not."""
    questions = Questions(workspace, [ann])
    asked = await workspace.say(ann, channel, Asked(1).text)
    await workspace.edit(ann, asked, Asked(1, 1).text)
    await workspace.delete(ann, asked)
    await workspace.say(workspace.bot, channel, "an answer")
    assert [questions.concerns(each) for each in workspace.deliveries] == [True] * 3 + [False]

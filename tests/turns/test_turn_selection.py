"""Which of the messages that wait are answered next, together."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.messages import Message, QueuedMessage, ThreadKey
from slackbot.conversation.post_intent import PostIntent
from slackbot.turns.turn_selection import NextMessages, next_messages

THREAD = ThreadKey(TeamId("T1"), ChannelId("C1"), Ts("1.0"))


def queued(ts: int, user: str, text: str = "?", **fields: object) -> QueuedMessage:
    """A message that waits: `?` is a question, `…` one that is paused, `/` a
    command, anything else is for others.
    """
    message = Message(THREAD, Ts(f"{ts}.0"), UserId(user), text)
    return replace(QueuedMessage(message), **fields)  # type: ignore[arg-type]


def chosen(*waiting: QueuedMessage) -> NextMessages:
    return next_messages(
        waiting,
        is_command=lambda message: message.markup == "/",
        wants_answer=lambda message: message.markup in ("?", "…"),
        is_paused=lambda message: message.markup == "…",
    )


def times(selected: NextMessages) -> list[str]:
    return [each.message.ts for each in selected.messages]


def test_each_requester_has_a_turn() -> None:
    """A turn answers one person; the questions of another wait for their own."""
    ana, ben, again = queued(1, "ana"), queued(2, "ben"), queued(3, "ana")
    assert times(chosen(ana, ben, again)) == ["1.0", "3.0"]
    assert times(chosen(ben)) == ["2.0"]


def test_a_paused_question_lets_others_pass() -> None:
    """Somebody who changes a question again and again keeps nobody else from an answer."""
    assert times(chosen(queued(1, "ana", "…"), queued(2, "ben"))) == ["2.0"]
    assert times(chosen(queued(1, "ana", "…"), queued(2, "ben", "hm"))) == ["1.0", "2.0"]


def test_messages_between_people_are_context() -> None:
    """Messages between people become part of the turn."""
    assert times(chosen(queued(1, "ben", "hm"), queued(2, "ana"), queued(3, "cem", "so"))) == [
        "1.0",
        "2.0",
        "3.0",
    ]


def test_a_command_is_a_turn_of_its_own() -> None:
    """A command is carried out alone, and what waits behind it waits."""
    assert times(chosen(queued(1, "ana"), queued(2, "ana", "/"), queued(3, "ana"))) == ["1.0"]
    command = chosen(queued(2, "ana", "/"), queued(3, "ana"))
    assert command.is_command
    assert times(command) == ["2.0"]


def test_a_deleted_command_is_no_command() -> None:
    """A command that was deleted while it waited is not carried out."""
    selected = chosen(queued(1, "ana", "/", deleted=True), queued(2, "ana"))
    assert not selected.is_command
    assert times(selected) == ["1.0", "2.0"]


def test_another_reply_has_a_turn_of_its_own() -> None:
    """Messages to which different replies were begun are not answered together."""
    first, second = queued(1, "ana", reply_ts=("8.0",)), queued(2, "ana", reply_ts=("9.0",))
    assert times(chosen(first, second, queued(3, "ana"))) == ["1.0", "3.0"]
    late = chosen(queued(0, "ana"), first)
    assert times(late) == ["0.0", "1.0"]
    assert late.owner == first


def test_nobody_takes_over_what_was_begun_for_another() -> None:
    """A deleted question goes with the other questions of its author, never with another's."""
    deleted = queued(1, "ana", deleted=True, reply_ts=("8.0",))
    assert times(chosen(deleted, queued(2, "ben"))) == ["1.0"]
    assert times(chosen(deleted, queued(2, "ana"))) == ["1.0", "2.0"]


messages = st.lists(
    st.builds(
        queued,
        st.integers(1, 99),
        st.sampled_from(["ana", "ben", "cem"]),
        st.sampled_from(["?", "/", "hm"]),
        deleted=st.booleans(),
        reply_ts=st.sampled_from([(), ("8.0",), ("9.0",)]),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda each: each.message.ts,
)


@given(messages)
def test_everything_has_its_turn(waiting: list[QueuedMessage]) -> None:
    """Turn after turn, each message is taken once, and no turn answers two people."""
    left = sorted(waiting, key=lambda each: float(each.message.ts))
    while left:
        selected = chosen(*left)
        asking = {
            each.message.user
            for each in selected.messages
            if each.message.markup == "?" and not each.deleted
        }
        assert len(asking) <= 1
        assert selected.messages
        assert selected.owner in selected.messages
        assert [each for each in left if each in selected.messages] == list(selected.messages)
        left = [each for each in left if each not in selected.messages]


def test_a_post_under_way_is_a_reply() -> None:
    """The message whose reply may be in Slack owns the turn; what has another reply comes later."""
    posting = PostIntent("2.0", 0, since=Ts("2.0"))
    another = replace(posting, key="4.0")
    first, second, third = (queued(ts, "ana") for ts in (1, 3, 5))
    attempted = queued(2, "ana", posting=posting)
    apart = queued(4, "ana", posting=another)
    selected = chosen(first, attempted, second, apart, third)
    assert selected.owner == attempted
    assert times(selected) == ["1.0", "2.0", "3.0", "5.0"]
    assert times(chosen(apart)) == ["4.0"]
    written = queued(6, "ana", reply_ts=(Ts("9.0"),), posting=posting)
    assert times(chosen(attempted, written)) == ["2.0"]

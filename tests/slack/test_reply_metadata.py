"""The metadata of replies: the bot reads its own, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from slackbot.delivery.reply_transport import ReplyMessageId
from slackbot.slack.reply_metadata import REPLY_EVENT_TYPE, message_id_of, to_metadata

odd = st.none() | st.booleans() | st.floats() | st.text() | st.lists(st.text())


@given(st.builds(ReplyMessageId, st.text(), st.integers()))
def test_its_own(message_id: ReplyMessageId) -> None:
    """What was written is read."""
    assert message_id_of({"metadata": to_metadata(message_id)}) == message_id


@given(
    odd
    | st.fixed_dictionaries(
        {}, optional={"event_type": st.just(REPLY_EVENT_TYPE) | odd, "event_payload": odd}
    )
    | st.fixed_dictionaries({"event_type": odd, "event_payload": st.just({"key": "", "number": 0})})
)
def test_odd_metadata(metadata: object) -> None:
    """Metadata is anybody's: what does not look like the bot's is not its."""
    assert message_id_of({"metadata": metadata}) is None

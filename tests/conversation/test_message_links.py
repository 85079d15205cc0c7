from hypothesis import given
from hypothesis import strategies as st

from slackbot.conversation.ids import ChannelId, Ts
from slackbot.conversation.message_links import MessageLink, find_message_link


def test_a_message() -> None:
    """A link names the channel and the message, and the thread where it says so."""
    base = "https://example.slack.com/archives/C012AB3CD/p1700000000000100"
    first = "1700000000.000100"
    assert find_message_link(f"see {base}.") == MessageLink(
        ChannelId("C012AB3CD"), Ts(first), Ts(first)
    )
    reply = f"{base}?thread_ts=1600000000.000200&cid=C012AB3CD"
    assert find_message_link(f"<{reply}|this>") == MessageLink(
        ChannelId("C012AB3CD"), Ts(first), Ts("1600000000.000200")
    )


@given(st.text())
def test_other_text_is_no_link(text: str) -> None:
    """Whatever else a text holds, it is no link to a message."""
    assert "/archives/" in text or find_message_link(text) is None

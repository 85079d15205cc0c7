from slackbot.playground.fake_slack.members import Person
from slackbot.playground.fake_slack.message_json import message_json, tombstone_json
from slackbot.playground.fake_slack.messages import PostedMessage, new_version

ANN = Person("U1", "ann", "Ann", "T1")
BOT = Person("U2", "bot", "Bot", "T1", bot_id="B1", app_id="A1")


def posted(author: Person, ts: str = "1.000000", thread_ts: str | None = None) -> PostedMessage:
    return PostedMessage("C1", ts, author, [new_version("hi")], thread_ts=thread_ts)


def test_a_persons_message() -> None:
    """A person's message has a client_msg_id, the same each time, and no empty optional fields."""
    message = message_json(posted(ANN))
    assert message["client_msg_id"] == message_json(posted(ANN))["client_msg_id"]
    assert not {"bot_id", "edited", "files", "reactions", "thread_ts"} & message.keys()


def test_the_bots_message() -> None:
    """An app's message names its bot and app; metadata comes only on request."""
    message = posted(BOT)
    message.metadata = {"event_type": "a", "event_payload": {}}
    assert message_json(message)["bot_id"] == "B1"
    assert "metadata" not in message_json(message)
    assert message_json(message, with_metadata=True)["metadata"] == message.metadata


def test_replies() -> None:
    """The first message of a thread counts its replies and the people who wrote them."""
    replies = [posted(ANN, "2.000000", "1.000000"), posted(BOT, "3.000000", "1.000000")]
    message = message_json(posted(ANN), replies=[*replies, replies[0]])
    assert (message["reply_count"], message["reply_users"]) == (3, ["U1", "U2"])
    tombstone = tombstone_json(posted(ANN), replies)
    assert (tombstone["subtype"], tombstone["latest_reply"]) == ("tombstone", "3.000000")
    assert tombstone["text"] == "This message was deleted."

from slackbot.playground.fake_slack.members import Channel, Person


def test_mentions() -> None:
    """A person is mentioned by id, as Slack's markup does it."""
    assert Person("U1", "ann", "Ann", "T1").mention == "<@U1>"


def test_members_of_a_channel() -> None:
    """Two channels do not share their members."""
    first, second = Channel("C1", "a", "channel"), Channel("C2", "b", "channel")
    first.members.add("U1")
    assert second.members == set()

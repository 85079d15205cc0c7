from slackbot.backoff import pause


def test_grows_and_stays_bounded() -> None:
    """Each pause is twice the one before, up to half a minute, after however many failures."""
    assert [pause(failures) for failures in range(1, 8)] == [0.5, 1, 2, 4, 8, 16, 30]
    assert pause(100_000) == 30

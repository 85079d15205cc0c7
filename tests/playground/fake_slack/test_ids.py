from slackbot.playground.fake_slack.ids import IdGenerator


def test_timestamps() -> None:
    """Timestamps look like Slack's and strictly increase, however quickly they are asked for."""
    ids = IdGenerator()
    stamps = [ids.ts() for _ in range(1_000)]
    assert stamps == sorted(set(stamps))
    seconds, _, fraction = stamps[0].partition(".")
    assert (len(seconds), len(fraction)) == (10, 6)


def test_ids() -> None:
    """Ids carry the prefix of their kind and never repeat; two workspaces count alike."""
    ids, others = IdGenerator(), IdGenerator()
    made = [ids.id("U"), ids.id("C"), ids.id("U")]
    assert [each[0] for each in made] == ["U", "C", "U"]
    assert len({each[1:] for each in made}) == 3
    assert made == [others.id("U"), others.id("C"), others.id("U")]


def test_secrets() -> None:
    """Secrets differ from each other and between workspaces."""
    ids, others = IdGenerator(), IdGenerator()
    assert len({ids.secret("xoxb-"), ids.secret("xoxb-"), others.secret("xoxb-")}) == 3
    assert ids.secret("xoxb-").startswith("xoxb-")


def test_teams() -> None:
    """The ids of teams and organisations never repeat on one server, and differ between servers."""
    ids, others = IdGenerator(), IdGenerator()
    made = [ids.team() for _ in range(2_000)] + [ids.team("E")[1:]]
    assert len(set(made)) == 2_001
    assert not set(made) & {others.team() for _ in range(10)}

"""The benchmark of the start: it runs, and measures each command."""

from benchmarks.startup import measure


async def test_each_command_is_measured() -> None:
    """Each command succeeds, and has one figure for each measured run."""
    commands = await measure(1, {})
    assert [command.name for command in commands] == [
        "slackbot serve",
        "slackbot check",
        "python -c pass",
    ]
    assert all(len(command.seconds) == len(command.cpu_seconds) == 1 for command in commands)

"""The IDs of replicas."""

import os

from slackbot.workspaces.replica_ids import new_replica_id, process_id


def test_an_id_names_its_process() -> None:
    """Each ID is new, and says which process has it, whatever the machine's name is."""
    assert new_replica_id() != new_replica_id()
    assert process_id(new_replica_id()) == os.getpid()
    assert process_id("web-1.example-4242-0a1b2c3d") == 4242

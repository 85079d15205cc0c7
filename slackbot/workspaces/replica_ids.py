"""The IDs of replicas."""

import os
import socket
from uuid import uuid4


def new_replica_id() -> str:
    """An ID that no other process ever had, and that people can read."""
    return f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}"


def process_id(replica: str) -> int:
    """The process that has this ID, on its machine."""
    return int(replica.rsplit("-", 2)[1])

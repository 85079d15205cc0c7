"""How many workspaces each replica owns: all the same number, or one more."""

from slackbot.workspaces.lease_store import Census


def share(replica: str, census: Census) -> int:
    """How many workspaces the replica should own; none if it takes no share.

    Where they can't be divided evenly, those replicas have one more that own the most already, so
    that as few as possible change hands.
    """
    if replica not in census.owned:
        return 0
    order = sorted(census.owned, key=lambda one: (-census.owned[one], one))
    each, remaining = divmod(census.workspaces, len(order))
    return each + (order.index(replica) < remaining)

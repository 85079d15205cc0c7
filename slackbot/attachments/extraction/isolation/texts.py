"""What `slackbot check` and the log say about isolation."""

from slackbot.attachments.extraction.isolation.granted import FULL_LANDLOCK_VERSION, Isolation

NO_READER = "The process that reads files does not work here: {problem}."

NOT_ISOLATED = (
    "is set to required, and this machine lacks {lacks}: set it to best-effort, or use Linux 5.13 "
    "or later (docs/security.md has a table)."
)

ALONE = "each is read by a process of its own"


def describe(isolation: Isolation) -> str:
    """One line, for an administrator."""
    held_by = list(_layers(isolation))
    lacks = list(isolation.lacks)
    if not isolation.namespaces:
        lacks.append("namespaces")
    parts = [f"{ALONE}, isolated by {', '.join(held_by)}" if held_by else ALONE]
    if lacks:
        parts.append(f"this machine does not grant {', '.join(lacks)}")
    return "; ".join(parts)


def _layers(isolation: Isolation) -> list[str]:
    layers = []
    if isolation.landlock:
        older = ", an older one" if isolation.landlock < FULL_LANDLOCK_VERSION else ""
        layers.append(f"Landlock (version {isolation.landlock}{older})")
    if isolation.seccomp:
        layers.append("seccomp")
    if isolation.no_new_privs:
        layers.append("no_new_privs")
    if isolation.namespaces:
        layers.append(f"namespaces ({', '.join(isolation.namespaces)})")
    return layers

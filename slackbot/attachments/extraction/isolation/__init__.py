"""Takes from the process that reads a file everything that it does not need.

`isolate()` is where to begin. It uses what the kernel grants: `landlock` for files, `seccomp` for
system calls, `namespaces`, `privileges` and `limits`. What was granted is an `Isolation`.
"""

from slackbot.attachments.extraction.isolation.granted import Isolation
from slackbot.attachments.extraction.isolation.steps import isolate

__all__ = ["Isolation", "isolate"]

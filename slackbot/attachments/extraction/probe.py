"""The process that says what the kernel grants to a reader: `probe_isolation` starts it.

It isolates itself as a reader does, then loads the binary libraries that readers load: one in an
unusual place would be missing.
"""

import json
import sys

from slackbot.attachments.extraction.isolation import isolate
from slackbot.attachments.extraction.isolation.limits import CPU_SECONDS, MEMORY_BYTES


def main() -> None:
    isolation = isolate(MEMORY_BYTES, CPU_SECONDS)
    _load_libraries()
    sys.stdout.write(json.dumps(isolation._asdict()))


def _load_libraries() -> None:
    import av  # noqa: F401, PLC0415 - what is loaded before is not isolated
    import docx  # noqa: F401, PLC0415
    import pillow_heif  # noqa: F401, PLC0415
    import pypdfium2  # noqa: F401, PLC0415
    import python_calamine  # noqa: F401, PLC0415


main()

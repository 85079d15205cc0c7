"""The process that has Python write the bytecode of all readers: `write_bytecode` starts it.

A reader can write no file, so Python would compile its libraries again for each file. This process
loads them too, reads nothing, and is not isolated. It leaves the CPU to others.
"""

import os


def main() -> None:
    os.nice(19)
    # Readers load each of these when they need it.
    import av.subtitles  # noqa: F401, PLC0415
    import pptx  # noqa: F401, PLC0415
    import python_calamine  # noqa: F401, PLC0415
    from PIL import Image  # noqa: PLC0415

    from slackbot.attachments.extraction import (  # noqa: F401, PLC0415
        audio,
        emails,
        html_text,
        images,
        pdf,
        readers,
        word,
    )
    from slackbot.attachments.extraction.isolation import (  # noqa: F401, PLC0415
        landlock,
        namespaces,
        privileges,
        seccomp,
    )

    Image.init()  # loads what reads each format


main()

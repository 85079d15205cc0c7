"""The process that reads files, and what it has to do with the bot's own."""

import asyncio
import sys

HEAVY = ("PIL", "av", "docx", "lxml", "pillow_heif", "pptx", "pypdfium2", "python_calamine")


async def test_what_reads_files_is_in_nobodys_way() -> None:
    """The bot starts, and answers text, without the libraries that read files."""
    code = f"import slackbot.app, sys; print(*sorted(set({HEAVY}) & set(sys.modules)))"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    assert output.decode().split() == []

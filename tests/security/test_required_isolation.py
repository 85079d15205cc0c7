"""`SLACKBOT_SANDBOX=required`, on a machine that does not isolate what reads files."""

import asyncio
import sys
from pathlib import Path

import pytest

from slackbot.attachments.extraction.reader_process import INTERPRETER, READER
from slackbot.attachments.extraction.sandbox import ExtractionSandbox
from slackbot.conversation.attachment import Attachment
from slackbot.errors import AttachmentError
from tests.harness import BotHarness

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has these layers")

ROOT = Path(__file__).parents[2]

WITHOUT_LANDLOCK = (
    f"import sys; sys.path.insert(0, {str(ROOT)!r}); import runpy; "
    "from tests.security.older_kernel import refuse; refuse(['landlock']); "
)


async def run(*arguments: str, folder: Path, environment: dict[str, str]) -> tuple[int, str, str]:
    """`slackbot` on a kernel without Landlock: exit code, output, errors."""
    code = f"{WITHOUT_LANDLOCK} runpy.run_module('slackbot', run_name='__main__')"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code, *arguments),
        cwd=folder,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode(), errors.decode()


def only_files(output: str) -> str:
    (line,) = [line for line in output.splitlines() if " files: " in line]
    return line


async def test_check_says_what_is_missing(harness: BotHarness, tmp_path: Path) -> None:
    """By default the bot makes the best of the machine, and says what that is."""
    code, output, _ = await run("check", folder=tmp_path, environment=dict(harness.environment))
    line = only_files(output)
    assert (code, line.startswith("ok ")) == (0, True)
    assert "seccomp, no_new_privs" in line
    assert "this machine does not grant Landlock" in line


async def test_check_fails_where_isolation_is_required(harness: BotHarness, tmp_path: Path) -> None:
    """The line names the setting and what is missing."""
    environment = {**harness.environment, "SLACKBOT_SANDBOX": "required"}
    code, output, _ = await run("check", folder=tmp_path, environment=environment)
    line = only_files(output)
    assert (code, line.startswith("failed ")) == (1, True)
    assert "SLACKBOT_SANDBOX is set to required, and this machine lacks Landlock" in line


async def test_serve_refuses_to_start_where_isolation_is_required(
    harness: BotHarness, tmp_path: Path
) -> None:
    """One line, and Slack is never asked."""
    environment = {**harness.environment, "SLACKBOT_SANDBOX": "required"}
    code, output, errors = await run("serve", folder=tmp_path, environment=environment)
    assert (code, output) == (2, "")
    (line,) = errors.splitlines()
    assert line.startswith("slackbot: SLACKBOT_SANDBOX is set to required")
    assert harness.workspace.calls == []


@pytest.mark.parametrize("must_be_isolated", [True, False])
async def test_reader_that_is_not_isolated(must_be_isolated: bool) -> None:  # noqa: FBT001 - pytest's
    """It reads nothing where isolation is required, whatever was true when the bot started."""
    module = READER[-1]
    code = f"{WITHOUT_LANDLOCK} runpy.run_module({module!r}, run_name='__main__')"
    sandbox = ExtractionSandbox(
        command=(*INTERPRETER, "-c", code), must_be_isolated=must_be_isolated
    )
    attachment = Attachment("F1", "notes.txt")
    if must_be_isolated:
        with pytest.raises(AttachmentError) as caught:
            await sandbox.extract(attachment, b"hello\n", 100)
        sentence = "I can't read “notes.txt”: that isn't safe on my machine. Please tell an admin."
        assert caught.value.user_message == sentence
    else:
        await sandbox.extract(attachment, b"hello\n", 100)

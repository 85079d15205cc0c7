"""A disk that is full for one process."""

import errno
import subprocess
import sys
from pathlib import Path

from benchmarks.chaos.bad_disk import ROOM_BYTES, full_disk

WRITER = """
import sys
for line in sys.stdin:
    try:
        with open(sys.argv[1], "ab", 0) as file:
            file.write(bytes(int(line)))
    except OSError as error:
        print(error.errno, flush=True)
    else:
        print("written", flush=True)
"""


def test_writes_fail_while_the_disk_is_full(tmp_path: Path) -> None:
    """A file can't grow past the largest log and a little, until the disk has room again."""
    log, data = tmp_path / "log", tmp_path / "data"
    log.write_bytes(bytes(1_000))
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", WRITER, data],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        stdin, stdout = process.stdin, process.stdout

        def write(size: int) -> str:
            stdin.write(f"{size}\n")
            stdin.flush()
            return stdout.readline().strip()

        assert write(1_000 + ROOM_BYTES) == "written"
        with full_disk(process.pid, log):
            assert write(1) == str(errno.EFBIG)
        assert write(1) == "written"


def test_a_process_that_has_ended(tmp_path: Path) -> None:
    """Nothing happens to a process that ended before its disk was full."""
    log = tmp_path / "log"
    log.touch()
    with subprocess.Popen([sys.executable, "-c", "pass"]) as process:
        process.wait()
    with full_disk(process.pid, log):
        pass

"""Hostile code in the process that reads files: what it tries, and that it is refused.

`reader_attacks` runs in a process that is started as a reader is, and isolates itself as a reader
does. So that no layer hides that another one is dead, each also stands alone.
"""

import _struct
import json
import os
import platform
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import pytest

from slackbot.attachments.extraction.bounded_process import ProcessFailedError, run_bounded
from slackbot.attachments.extraction.isolation.landlock import interface_version
from slackbot.attachments.extraction.isolation.limits import MAX_THREADS, MIN_OTHER_THREADS
from slackbot.attachments.extraction.isolation.privileges import NOBODY
from slackbot.attachments.extraction.reader_process import INTERPRETER, reader_environment
from tests.security.reader_attacks import ATTACKS, Target

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has these layers")

ROOT = Path(__file__).parents[2]

IS_ROOT = os.geteuid() == 0

USERS = ["root", "nobody"] if IS_ROOT else ["this user"]

TOKEN = "xoxb-attacked"

_results: dict[tuple[str, str], dict[str, Any]] = {}


@contextmanager
def targets(owner: int) -> Iterator[Target]:
    """Files, sockets and a process that belong to a user."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for name in (".env", "slackbot.db", "to_truncate", "to_rename", "to_unlink"):
            (folder / name).write_text(TOKEN)
        for name in ("to_remove", "mountpoint"):
            (folder / name).mkdir()
        shutil.copy(_struct.__file__, folder / "library.so")
        listening = stack.enter_context(socket.socket(socket.AF_UNIX))
        listening.bind(str(folder / "listening"))
        listening.listen()
        for path in (folder, *folder.iterdir()):
            os.chown(path, owner, -1)
        abstract = stack.enter_context(socket.socket(socket.AF_UNIX))
        abstract.bind(f"\0{folder.name}")
        abstract.listen()
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(type=socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        bot = stack.enter_context(
            Popen(["/bin/cat"], stdin=PIPE, env={"TOKEN": TOKEN}, user=owner, group=owner)
        )
        ports = tcp.getsockname()[1], udp.getsockname()[1]
        yield Target(str(folder), bot.pid, *ports, folder.name)


async def attacked(layers: str, user: str) -> dict[str, Any]:
    """What all attacks came to, each tried once, as one user, behind these layers."""
    if (layers, user) not in _results:
        _results[layers, user] = await attack(layers, user)
    return _results[layers, user]


async def attack(layers: str, user: str) -> dict[str, Any]:
    run = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); "
        "from tests.security.reader_attacks import main; main()"
    )
    with targets(NOBODY if user == "nobody" else os.getuid()) as target:
        request = {"layers": layers, "as_nobody": user == "nobody", "target": target._asdict()}
        output = await run_bounded(
            (*INTERPRETER, "-c", run),
            (json.dumps(request).encode() + b"\n",),
            environment=reader_environment(),
            max_bytes=10**6,
            timeout_seconds=50,
        )
    first, _, rest = output.partition(b"\n")
    return {**json.loads(first), "shell": rest == b"a shell\n"}


def done(result: dict[str, Any]) -> set[str]:
    """The attacks that did harm."""
    return {name for name, outcome in result["outcomes"].items() if outcome == "done"}


@pytest.mark.parametrize("user", USERS)
async def test_attacks_work_where_nothing_is_isolated(user: str) -> None:
    """These tests can fail: without isolation, what is refused below does harm."""
    result = await attacked("nothing", user)
    works_for = {"everybody", "root"} if user == "root" else {"everybody"}
    expected = {name for name, each in ATTACKS.items() if each.works_for in works_for}
    assert expected - done(result) == set()
    assert (result["inherited"], result["shell"]) == ("done", True)


@pytest.mark.parametrize("layers", ["everything", "without namespaces"])
@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("name", ATTACKS)
async def test_attack(name: str, user: str, layers: str) -> None:
    """Each attack is refused, for root and others, and in a container that has no namespaces."""
    assert (await attacked(layers, user))["outcomes"][name] != "done"


@pytest.mark.parametrize("layers", ["everything", "without namespaces"])
@pytest.mark.parametrize("user", USERS)
async def test_nothing_is_inherited(
    user: str, layers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No descriptor, no variable, no file in the working folder, and no shell at the end."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", TOKEN)
    result = await attack(layers, user)
    assert result["inherited"] == "EBADF"
    assert "SLACK_BOT_TOKEN" not in result["environment"]
    assert result["working_folder"] == []
    assert not result["shell"]


def count_threads() -> int:
    return int(Path("/proc/loadavg").read_text().split()[3].partition("/")[2])


async def test_threads_without_end() -> None:
    """Also where namespaces are missing, a reader can't take all threads that the machine has."""
    result = await attacked("without namespaces", USERS[-1])
    assert MAX_THREADS <= result["max_threads"] <= 2 * max(count_threads(), MIN_OTHER_THREADS)


@pytest.mark.parametrize("user", USERS)
async def test_landlock_alone(user: str) -> None:
    """It refuses each attack that its version knows, without the other layers."""
    version = interface_version()
    result = await attacked("landlock", user)
    refused = {name for name, each in ATTACKS.items() if 0 < each.landlock <= version}
    assert refused & done(result) == set()
    assert not result["shell"]


@pytest.mark.parametrize("user", USERS)
async def test_seccomp_alone(user: str) -> None:
    """It refuses each system call that no reader needs, without the other layers."""
    result = await attacked("seccomp", user)
    assert {name for name, each in ATTACKS.items() if each.seccomp} & done(result) == set()
    assert not result["shell"]


@pytest.mark.parametrize("user", USERS)
async def test_namespaces_alone(user: str) -> None:
    """They hide other processes and the network, without the other layers."""
    result = await attacked("namespaces", user)
    assert {name for name, each in ATTACKS.items() if each.namespaces} & done(result) == set()


@pytest.mark.skipif(platform.machine() != "x86_64", reason="only x86-64 has these")
@pytest.mark.parametrize("call", ["x32", "int 0x80"])
async def test_other_ways_into_the_kernel_end_the_process(call: str) -> None:
    """The calls of 32-bit programs and of x32 have other numbers, so none is served."""
    run = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); "
        "from tests.security.reader_attacks import call_kernel_by_another_way as attack; "
        f"attack({call!r}, is_isolated=%s)"
    )
    try:
        await output_of(run % False)
    except ProcessFailedError:
        pytest.skip("this kernel runs no 32-bit code")
    with pytest.raises(ProcessFailedError, match=f"-{signal.SIGSYS.value}, "):
        await output_of(run % True)


async def output_of(code: str) -> bytes:
    return await run_bounded(
        (*INTERPRETER, "-c", code),
        (),
        environment=reader_environment(),
        max_bytes=1_000,
        timeout_seconds=50,
    )


@pytest.mark.skipif(not IS_ROOT, reason="only root can become another user")
async def test_root_becomes_nobody() -> None:
    """Where other users can read Python and its libraries, a reader of root's is `nobody`."""
    code = (
        "import os; from slackbot.attachments.extraction.isolation.privileges import *; "
        "print(become_nobody(['/usr/lib', '/missing']), os.getresuid(), os.getresgid(), "
        "os.getgroups())"
    )
    ids = f"({NOBODY}, {NOBODY}, {NOBODY})"
    assert (await output_of(code)).decode() == f"True {ids} {ids} []\n"


@pytest.mark.skipif(not IS_ROOT, reason="only root can become another user")
async def test_root_that_stays() -> None:
    """Where `nobody` can't read Python, a reader of root's stays root, and can do nothing as it."""
    code = (
        "import os, tempfile; from slackbot.attachments.extraction.isolation.privileges import *; "
        "folder = tempfile.mkdtemp(); print(become_nobody([folder]), os.getresuid()); "
        "os.rmdir(folder); drop_capabilities(); refuse_new_privileges()\n"
        "try: os.chown('/', 0, 0); os.setuid(1)\n"
        "except PermissionError: print('refused')\n"
        "print([line.split()[1].strip('0') for line in open('/proc/self/status') "
        "if line.startswith('Cap')])"
    )
    assert (await output_of(code)).decode() == ("False (0, 0, 0)\nrefused\n['', '', '', '', '']\n")

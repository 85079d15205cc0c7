"""What hostile code tries in a process that reads files: it runs there, in place of a reader.

Each attack returns if it did harm, and raises OSError if it was refused.
"""

import ctypes
import errno
import json
import mmap
import os
import platform
import resource
import signal
import socket
import struct
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from slackbot.attachments.extraction.isolation import isolate, landlock, namespaces, seccomp
from slackbot.attachments.extraction.isolation.kernel import (
    PR_SET_DUMPABLE,
    prctl,
    syscall,
    unshare,
)
from slackbot.attachments.extraction.isolation.library_paths import library_paths
from slackbot.attachments.extraction.isolation.privileges import NOBODY, refuse_new_privileges
from tests.security.older_kernel import refuse

IS_X86 = platform.machine() == "x86_64"

CLONE_NEWUSER = 0x10000000
PTRACE_SEIZE = 0x4206
F_SETOWN = 8


class Target(NamedTuple):
    """What there is to attack."""

    folder: str
    """It holds `.env`, `slackbot.db`, `library.so` and `listening` (a UNIX socket)."""
    bot: int
    """A process of the same user; its environment holds a token."""
    tcp_port: int
    udp_port: int
    abstract_name: str


class Attack(NamedTuple):
    run: Callable[[Target], object]
    landlock: int
    """The version of Landlock that refuses it without any other layer; 0 for none."""
    seccomp: bool
    namespaces: bool
    """Whether these refuse it without any other layer."""
    works_for: str
    """Who can do harm with it where nothing is isolated: everybody, root, or maybe nobody."""


ATTACKS: dict[str, Attack] = {}


def attack(
    *,
    landlock: int = 0,
    seccomp: bool = True,
    namespaces: bool = False,
    works_for: str = "everybody",
) -> Callable[[Callable[[Target], object]], Callable[[Target], object]]:
    def register(run: Callable[[Target], object]) -> Callable[[Target], object]:
        ATTACKS[run.__name__] = Attack(run, landlock, seccomp, namespaces, works_for)
        return run

    return register


# Reading.


@attack(landlock=1, seccomp=False)
def read_env_file(target: Target) -> None:
    Path(target.folder, ".env").read_bytes()


@attack(landlock=1, seccomp=False)
def read_database(target: Target) -> None:
    os.open(f"{target.folder}/slackbot.db", os.O_RDONLY)


@attack(landlock=1, seccomp=False)
def read_passwords(_: Target) -> None:
    Path("/etc/passwd").read_bytes()


@attack(landlock=1, seccomp=False)
def list_folder(target: Target) -> None:
    list(Path(target.folder).iterdir())


@attack(landlock=1, seccomp=False)
def list_processes(_: Target) -> None:
    list(Path("/proc").iterdir())


@attack(landlock=1, seccomp=False)
def read_by_name_in_proc(target: Target) -> None:
    descriptor = os.open(f"{target.folder}/.env", os.O_PATH)
    Path(f"/proc/self/fd/{descriptor}").read_bytes()


@attack(landlock=1, seccomp=False)
def load_library_from_folder(target: Target) -> None:
    ctypes.CDLL(f"{target.folder}/library.so")


# Other processes.


@attack(landlock=1, seccomp=False, namespaces=True)
def read_environment_of_bot(target: Target) -> None:
    Path(f"/proc/{target.bot}/environ").read_bytes()


@attack(landlock=1, seccomp=False, namespaces=True)
def read_memory_of_bot(target: Target) -> None:
    os.open(f"/proc/{target.bot}/mem", os.O_RDONLY)


@attack(landlock=1, namespaces=True)
def read_memory_of_bot_by_call(target: Target) -> None:
    here = ctypes.create_string_buffer(8)
    vector = (ctypes.c_void_p * 2)(ctypes.addressof(here), 8)
    # The address is wrong: EFAULT comes only after the question of rights.
    wrong = (ctypes.c_void_p * 2)(1, 8)
    number = 310 if IS_X86 else 270
    try:
        syscall(number, target.bot, ctypes.byref(vector), 1, ctypes.byref(wrong), 1, 0)
    except OSError as err:
        if err.errno != errno.EFAULT:
            raise


@attack(landlock=1, namespaces=True)
def trace_bot(target: Target) -> None:
    syscall(101 if IS_X86 else 117, PTRACE_SEIZE, target.bot, 0, 0)


@attack(landlock=1, namespaces=True)
def take_descriptor_of_bot(target: Target) -> None:
    descriptor = syscall(434, target.bot, 0)
    syscall(438, descriptor, 0, 0)


@attack(landlock=6, namespaces=True)
def signal_bot(target: Target) -> None:
    os.kill(target.bot, signal.SIGWINCH)  # which it ignores


@attack(landlock=6, namespaces=True)
def signal_thread_of_bot(target: Target) -> None:
    syscall(234 if IS_X86 else 131, target.bot, target.bot, int(signal.SIGWINCH))


@attack(namespaces=True)
def let_descriptor_signal_bot(target: Target) -> None:
    syscall(72 if IS_X86 else 25, 0, F_SETOWN, target.bot)


@attack(namespaces=True)
def slow_bot(target: Target) -> None:
    os.setpriority(os.PRIO_PROCESS, target.bot, 5)


# The network.


@attack(landlock=4, namespaces=True)
def connect_tcp(target: Target) -> None:
    with socket.socket() as client:
        client.connect(("127.0.0.1", target.tcp_port))


@attack(landlock=4)
def listen_tcp(_: Target) -> None:
    socket.create_server(("127.0.0.1", 0)).close()


@attack(namespaces=True)
def send_udp(target: Target) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as sender:
        sender.sendto(b"secrets", ("127.0.0.1", target.udp_port))


@attack(landlock=6, namespaces=True)
def connect_abstract_socket(target: Target) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(f"\0{target.abstract_name}")


@attack(landlock=9)
def connect_socket_file(target: Target) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(f"{target.folder}/listening")


@attack()
def ask_kernel_for_routes(_: Target) -> None:
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).close()


@attack()
def make_pair_of_sockets(_: Target) -> None:
    for each in socket.socketpair():
        each.close()


# Starting something.


@attack()
def fork(_: Target) -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


@attack(landlock=1)
def start_program(_: Target) -> None:
    os.waitpid(os.posix_spawn("/bin/sh", ["sh", "-c", "exit"], {}), 0)


@attack()
def run_program_in_memory(_: Target) -> None:
    os.close(os.memfd_create("program"))


# Writing.


@attack(landlock=3)
def truncate_database(target: Target) -> None:
    os.truncate(f"{target.folder}/slackbot.db", 0)


@attack(landlock=1)
def write_to_database(target: Target) -> None:
    os.close(os.open(f"{target.folder}/slackbot.db", os.O_WRONLY))


@attack(landlock=1)
def append_to_database(target: Target) -> None:
    os.close(os.open(f"{target.folder}/slackbot.db", os.O_RDWR | os.O_APPEND))


@attack(landlock=1)
def truncate_by_opening(target: Target) -> None:
    os.close(os.open(f"{target.folder}/to_truncate", os.O_RDONLY | os.O_TRUNC))


@attack(landlock=1)
def create_file(target: Target) -> None:
    os.close(os.open(f"{target.folder}/created", os.O_CREAT | os.O_WRONLY))


@attack(landlock=1)
def create_empty_file(target: Target) -> None:
    os.close(os.open(f"{target.folder}/created_empty", os.O_CREAT | os.O_RDONLY))


@attack(landlock=1)
def create_nameless_file(target: Target) -> None:
    os.close(os.open(target.folder, os.O_TMPFILE | os.O_WRONLY))


@attack(landlock=1)
def rename(target: Target) -> None:
    Path(target.folder, "to_rename").rename(f"{target.folder}/renamed")


@attack(landlock=1)
def unlink(target: Target) -> None:
    Path(target.folder, "to_unlink").unlink()


@attack(landlock=1)
def make_folder(target: Target) -> None:
    Path(target.folder, "made").mkdir()


@attack(landlock=1)
def remove_folder(target: Target) -> None:
    Path(target.folder, "to_remove").rmdir()


@attack(landlock=1)
def make_symlink(target: Target) -> None:
    Path(target.folder, "symlink").symlink_to("/etc")


@attack(landlock=1)
def make_link(target: Target) -> None:
    Path(target.folder, "link").hardlink_to(f"{target.folder}/.env")


@attack(landlock=1)
def make_pipe(target: Target) -> None:
    os.mkfifo(f"{target.folder}/pipe")


@attack()
def change_mode(target: Target) -> None:
    Path(target.folder, ".env").chmod(0o666)


@attack()
def change_owner(target: Target) -> None:
    os.chown(f"{target.folder}/.env", os.getuid(), os.getgid())


@attack()
def change_times(target: Target) -> None:
    os.utime(f"{target.folder}/.env", (0, 0))


@attack(works_for="maybe nobody")
def set_extended_attribute(target: Target) -> None:
    os.setxattr(f"{target.folder}/.env", "user.mark", b"x")


# The kernel.


@attack(landlock=1, works_for="root")
def mount(target: Target) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    folder = f"{target.folder}/mountpoint".encode()
    if libc.mount(b"none", folder, b"tmpfs", 0, None):
        raise OSError(ctypes.get_errno(), "mount")
    libc.umount(folder)


@attack(works_for="root")
def change_root(_: Target) -> None:
    os.chroot("/")  # the same, so that other attacks go on


@attack(works_for="root")
def change_host_name(_: Target) -> None:
    socket.sethostname(socket.gethostname())


@attack(works_for="maybe nobody")
def handle_page_faults(_: Target) -> None:
    syscall(323 if IS_X86 else 282, 1)


@attack(works_for="maybe nobody")
def set_up_io_uring(_: Target) -> None:
    syscall(425, 1, ctypes.create_string_buffer(256))


@attack(works_for="maybe nobody")
def load_bpf_program(_: Target) -> None:
    attributes = ctypes.create_string_buffer(struct.pack("4I", 2, 4, 4, 1))
    syscall(321 if IS_X86 else 280, 0, attributes, 16)


@attack(works_for="maybe nobody")
def watch_performance(_: Target) -> None:
    attributes = ctypes.create_string_buffer(struct.pack("2IQ", 1, 128, 0), 128)
    syscall(298 if IS_X86 else 241, attributes, 0, -1, -1, 0)


@attack(works_for="maybe nobody")
def keep_key(_: Target) -> None:
    number = 248 if IS_X86 else 217
    syscall(number, b"user", b"slackbot", b"x", 1, -2)


@attack()
def share_memory(_: Target) -> None:
    segment = syscall(29 if IS_X86 else 194, 0, mmap.PAGESIZE, 0o600)
    syscall(31 if IS_X86 else 195, segment, 0, None)  # removes it


@attack()
def turn_off_address_randomisation(_: Target) -> None:
    syscall(135 if IS_X86 else 92, 0x0040000)


@attack()
def open_memory_to_debuggers(_: Target) -> None:
    prctl(PR_SET_DUMPABLE, 1)


@attack()
def raise_memory_limit(_: Target) -> None:
    most = resource.getrlimit(resource.RLIMIT_AS)[1]
    more = most if most == resource.RLIM_INFINITY else most + 2**20
    try:
        resource.setrlimit(resource.RLIMIT_AS, (more, more))
    except ValueError as err:
        raise PermissionError(errno.EPERM, str(err)) from err


@attack(works_for="maybe nobody")
def enter_namespace_of_users(_: Target) -> None:
    # The last one, as it gives up root's rights.
    unshare(CLONE_NEWUSER)


def use_inherited_descriptor(descriptor: int) -> str:
    """Not of one layer: `isolate` closes it."""
    try:
        os.read(descriptor, 1)
    except OSError as err:
        return errno.errorcode[err.errno or 0]
    return "done"


def list_working_folder() -> list[str]:
    try:
        return [each.name for each in Path().iterdir()]
    except OSError:
        return []


def main() -> None:
    """Reads a line of JSON, isolates itself, and answers with the outcome of each attack."""
    request: Mapping[str, Any] = json.loads(sys.stdin.readline())
    target = Target(**request["target"])
    descriptor = os.open(f"{target.folder}/.env", os.O_RDONLY)
    if request["as_nobody"]:
        _become_nobody()
    LAYERS[request["layers"]]()
    outcomes = {name: _outcome(known.run, target) for name, known in ATTACKS.items()}
    result = {
        "outcomes": outcomes,
        "inherited": use_inherited_descriptor(descriptor),
        "environment": dict(os.environ),
        "working_folder": list_working_folder(),
        "max_threads": resource.getrlimit(resource.RLIMIT_NPROC)[0],
        "user": os.getuid(),
    }
    sys.stdout.write(json.dumps(result) + "\n")
    sys.stdout.flush()
    with suppress(OSError):
        os.execv("/bin/sh", ["sh", "-c", "echo a shell"])  # noqa: S606 - the last attack


def _outcome(run: Callable[[Target], object], target: Target) -> str:
    try:
        run(target)
    except OSError as err:
        return errno.errorcode.get(err.errno or 0, "refused")
    return "done"


def _become_nobody() -> None:
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    prctl(PR_SET_DUMPABLE, 1)


def _landlock_alone() -> None:
    refuse_new_privileges()
    landlock.restrict_files(library_paths())


def _seccomp_alone() -> None:
    refuse_new_privileges()
    seccomp.restrict_calls()


def _namespaces_alone() -> None:
    entered = namespaces.enter_namespaces(namespaces.OTHERS)
    others = (name for name in namespaces.OTHERS if name not in entered)
    namespaces.enter_namespaces((namespaces.USER, *others))
    namespaces.continue_as_first_process()


def _without_namespaces() -> None:
    """As in a container."""
    refuse(["unshare"])
    _everything()


def _everything() -> None:
    isolate(768 * 2**20, 20)


LAYERS: Mapping[str, Callable[[], object]] = {
    "nothing": lambda: None,
    "landlock": _landlock_alone,
    "seccomp": _seccomp_alone,
    "namespaces": _namespaces_alone,
    "without namespaces": _without_namespaces,
    "everything": _everything,
}


def call_kernel_by_another_way(call: str, *, is_isolated: bool) -> None:
    """Asks for the process's number as 32-bit programs or as x32 do."""
    if is_isolated:
        _everything()
    if call == "x32":
        with suppress(OSError):
            syscall(0x40000000 | 39)
    else:
        page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        page.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")  # mov eax, 20; int 0x80; ret
        code = ctypes.c_char.from_buffer(page)
        ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(code))()
    sys.stdout.write("alive\n")
    sys.stdout.flush()
    os._exit(0)

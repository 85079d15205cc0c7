"""Where the interpreter and its libraries are: all that a reader may read."""

import os
import sys
from collections.abc import Iterator

SYSTEM_FOLDERS = ("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64")
"""Shared libraries of the system."""

LOADER_FILES = ("/etc/ld.so.cache", "/etc/ld-musl-x86_64.path", "/etc/ld-musl-aarch64.path")
"""What the loader of shared libraries looks into."""

PACKAGE_STORES = ("/nix/store", "/gnu/store")
"""Nix and Guix keep each library in a folder of its own in here, readable for everybody."""

LIBRARY_FOLDER_NAMES = ("site-packages", "dist-packages", "lib-dynload")

PACKAGE = os.path.abspath(f"{__file__}/../../../..")  # noqa: PTH100 - pathlib takes 5 ms to import
"""This package's folder. Its parent can be a checkout, with a `.env` in it."""


def library_paths() -> list[str]:
    """Files and folders; some may not exist.

    Of `sys.path`, only what is known to hold libraries: an editable install adds whole projects.
    """
    return list(dict.fromkeys(_paths()))


def _paths() -> Iterator[str]:
    yield PACKAGE
    yield os.path.dirname(os.__file__)  # noqa: PTH120 - as above
    for path in sys.path:
        if path.endswith((*LIBRARY_FOLDER_NAMES, ".zip")):
            yield path
    for prefix in (sys.base_prefix, sys.base_exec_prefix):
        yield f"{prefix}/lib"
        yield f"{prefix}/{sys.platlibdir}"
    yield from (path for path in os.environ.get("LD_LIBRARY_PATH", "").split(":") if path)
    yield from SYSTEM_FOLDERS
    yield from LOADER_FILES
    yield from (path for path in PACKAGE_STORES if sys.base_prefix.startswith(path))

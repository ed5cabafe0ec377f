"""A reading of a file in a process of its own, before it is read in this one.

The library behind HDF5 can be made to run in circles, or to die, by a few changed bytes. A file
is read here only after another process has read it the same way, within limits, and come back.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path

from rnnviz.errors import FileError

SECONDS = 1  # of the processor's time
LONGEST_WAIT = 60  # seconds, where the machine is busy or counts no processor's time

_BYTES_A_SECOND = 64 << 20
_MEMORY = 4 << 30


def survived(reader: str, path: Path, size: int) -> bool:
    """Whether another process could read a file, or refuse it, and came to its end.

    Args:
        reader: a module that has a function `read_here`.
        path: the file.
        size: bytes that it has.
    """
    seconds = SECONDS + size // _BYTES_A_SECOND
    command = [sys.executable, "-m", __name__, reader, os.fspath(path), str(seconds), str(size)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        ended = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=LONGEST_WAIT + seconds,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return False
    return ended.returncode == 0


def _main(reader: str, path: str, seconds: str, size: str) -> None:
    module = import_module(reader)
    if sys.platform != "win32":
        import resource

        memory = _MEMORY + 4 * int(size)
        used = int(time.process_time()) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (used + int(seconds), used + int(seconds) + 1))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        module.read_here(Path(path))
    except FileError:
        return  # it can be refused here as well, with the same words


if __name__ == "__main__":
    _main(*sys.argv[1:])

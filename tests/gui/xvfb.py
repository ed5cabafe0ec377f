"""A virtual screen of X, for as long as it is wanted."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

AVAILABLE = shutil.which("Xvfb") is not None
_ATTEMPTS = 8
_PATIENCE = 30.0  # seconds for an answer
_GREETING = b"l\0\x0b\0\0\0\0\0\0\0\0\0"  # X11's first request: little endian, version 11.0
_WELCOME = b"\x01"


@contextmanager
def screen(size: str = "1600x1000") -> Iterator[str]:
    """Starts one that answers, and yields what DISPLAY has to be."""
    told = []
    for _ in range(_ATTEMPTS):
        # A number of its own: of two servers that look for the first free one, that which ends can
        # take away the socket of that which begins.
        display = f":{random.randrange(100, 50_000)}"
        with tempfile.TemporaryFile("w+") as said:
            with _server(display, size, said.fileno()) as began:
                if began and _answers(display):
                    yield display
                    return
            said.seek(0)
            told.append(said.read())
    raise RuntimeError(f"there is no virtual screen: {told}")


@contextmanager
def _server(display: str, size: str, said: int) -> Iterator[bool]:
    """Yields whether it has begun, once that is known."""
    reader, writer = os.pipe()
    command = ["Xvfb", display, "-displayfd", str(writer), "-screen", "0", f"{size}x24"]
    command += ["-nolisten", "tcp", "-noreset"]
    with subprocess.Popen(command, pass_fds=[writer], stderr=said) as server:
        os.close(writer)
        try:
            with os.fdopen(reader) as told:
                yield bool(told.readline().strip())
        finally:
            server.terminate()


def _answers(display: str) -> bool:
    """Whether a program may connect to it."""
    path = f"/tmp/.X11-unix/X{display[1:]}"
    for address in ("\0" + path, path):
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(_PATIENCE)
            try:
                line.connect(address)
                line.sendall(_GREETING)
                if line.recv(1) == _WELCOME:
                    return True
            except OSError:
                continue
    return False

"""How much memory this machine has, so that a size is refused before it is allocated."""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path

_UNKNOWN = 8 << 30
_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


@cache
def physical_memory() -> int:
    """Bytes of memory that this process can hope for: the machine's, or its container's."""
    machine = _windows_memory() if sys.platform == "win32" else _posix_memory()
    return min(machine, _container_memory() or machine)


def memory_limit() -> int:
    """Bytes that one model or one trace may take: half of the memory."""
    return physical_memory() // 2


def format_bytes(count: int) -> str:
    """`count` in the largest unit that leaves at least 1, such as "1.5 GiB"."""
    power = min(max(count.bit_length() - 1, 0) // 10, len(_UNITS) - 1)
    if power == 0:
        return f"{count} bytes"
    tenths = (count * 10) >> (10 * power)
    if tenths >= 10_240:
        return "more than 1024 EiB"
    return f"{tenths // 10}.{tenths % 10} {_UNITS[power]}"


def _posix_memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return _UNKNOWN


def _windows_memory() -> int:
    if sys.platform != "win32":
        return _UNKNOWN
    import ctypes

    kilobytes = ctypes.c_ulonglong()
    known = ctypes.windll.kernel32.GetPhysicallyInstalledSystemMemory(ctypes.byref(kilobytes))
    return kilobytes.value * 1024 if known else _UNKNOWN


def _container_memory() -> int | None:
    try:
        text = _CGROUP_LIMIT.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return int(text) if text.isdigit() else None  # "max" where there is no limit

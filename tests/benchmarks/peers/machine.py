"""What was measured on, and with what."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tests.benchmarks.peers.tools import PACKAGES

DOT = (
    "Graphviz's `dot` is not there, and torchlens, torchview and torchviz draw with it. Get it by\n"
    "  apt-get install graphviz   (Debian, Ubuntu)\n"
    "  dnf install graphviz       (Fedora)\n"
    "  brew install graphviz      (macOS)\n"
    "  winget install graphviz    (Windows), or from https://graphviz.org/download/"
)
EXTRA = "{} not installed. Get what is missing by\n  python -m pip install -e '.[peers]'"


def missing() -> list[str]:
    """What has to be installed first, and how."""
    absent = [name for name in PACKAGES if _version(name) is None]
    told = [EXTRA.format(", ".join(absent))] if absent else []
    return told + ([] if shutil.which("dot") else [DOT])


def machine() -> dict[str, str]:
    """Processor, cores, system, Python and the versions of all that took part."""
    names = ("torch", "numpy", "PySide6-Essentials", *PACKAGES)
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "system": platform.system(),
        "Python": platform.python_version(),
        "rnnviz": _rnnviz(),
        **{name: _version(name) or "none" for name in names},
        "Graphviz": _graphviz(),
    }


def told(facts: dict[str, str]) -> str:
    """The facts as one sentence."""
    rest = [name for name in facts if name not in ("processor", "cores", "system")]
    versions = ", ".join(f"{name} {facts[name]}" for name in rest)
    return f"{facts['processor']}, {facts['cores']} cores, {facts['system']}; {versions}"


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _rnnviz() -> str:
    import rnnviz

    return rnnviz.__version__


def _processor() -> str:
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        named = re.search(r"^model name\s*:\s*(.+)$", listed.read_text(), re.MULTILINE)
        if named:
            return named[1]
    if platform.system() == "Darwin":
        command = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return platform.processor() or platform.machine()


def _graphviz() -> str:
    if not shutil.which("dot"):
        return "none"
    done = subprocess.run(["dot", "-V"], capture_output=True, text=True, check=True)
    named = re.search(r"version (\S+)", done.stderr)
    return named[1] if named else "unknown"

"""Every benchmark, one after another, each in a process of its own.

Run by `python -m tests.benchmarks`, or with names: `python -m tests.benchmarks trace`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def main(wanted: list[str]) -> int:
    """Run those wanted, or all; 1 where one failed, or none is there."""
    names = sorted(path.stem for path in FOLDER.glob("bench_*.py"))
    chosen = [name for name in names if not wanted or name.removeprefix("bench_") in wanted]
    failures = 0
    for name in chosen:
        sys.stdout.write(f"== {name.removeprefix('bench_')}\n")
        sys.stdout.flush()
        command = [sys.executable, "-m", f"tests.benchmarks.{name}"]
        failures += subprocess.run(command, cwd=FOLDER.parent.parent, check=False).returncode != 0
    return 1 if failures or not chosen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

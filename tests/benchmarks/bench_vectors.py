"""How long a large file of word vectors takes to read, and how much memory.

Run by `python -m tests.benchmarks.bench_vectors`. The file has 100,000 words of 300 numbers.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from rnnviz.files.vectors import read_vectors

WORDS, DIMENSION, WANTED = 100_000, 300, 2_000
MEGABYTES = 32  # beside the result


def write(path: Path) -> None:
    rows = [
        " ".join(f"{(n * 7 + k) % 997 / 991 - 0.5:.5f}" for k in range(DIMENSION))
        for n in range(50)
    ]
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"word{n} {rows[n % 50]}\n" for n in range(WORDS))


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vectors.txt"
        write(path)
        size, before, started = path.stat().st_size / 1e6, peak(), time.process_time()
        found = read_vectors(path, [f"word{n * 49 % WORDS}" for n in range(WANTED)])
        spent = time.process_time() - started
    assert found.found.all()
    beside = peak() - before - found.values.nbytes / 2**20
    sys.stdout.write(
        f"{size:.0f} MB: {spent:.1f} s of CPU, {size / spent:.0f} MB/s, {beside:.1f} MiB of memory "
        f"beside the {found.values.nbytes / 2**20:.1f} MiB of the result\n"
        f"target: at most {MEGABYTES} MiB: {'reached' if beside <= MEGABYTES else 'missed'}\n"
    )
    return 0 if beside <= MEGABYTES else 1


if __name__ == "__main__":
    sys.exit(main())

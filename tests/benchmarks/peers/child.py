"""One measurement: `python -m tests.benchmarks.peers.child TOOL MODEL STEPS RUNS MEGABYTES`.

Writes a line of JSON for each thing that happened, as soon as it has: `ready` once everything is
imported and was done once with two timesteps (so that no first time counts), `captured` and
`drawn` of each run. Seconds are CPU time of this process and of its children, such as `dot`.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

ENOUGH = 2.0  # seconds: as often as fits in, and at most MOST times
MOST = 25
LONG = 60.0  # seconds: a run over this is done once


def cap_memory(megabytes: int) -> None:
    """No more than this for this process, and for each of its children."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))


def spent() -> float:
    """CPU seconds of this process and of its children that have ended."""
    with contextlib.suppress(ImportError):
        import resource

        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.process_time() + children.ru_utime + children.ru_stime
    return time.process_time()


def peak_megabytes() -> int:
    """The most that this process or one of its children held."""
    with contextlib.suppress(ImportError):
        import resource

        whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        most = max(resource.getrusage(who).ru_maxrss for who in whose)
        return most >> (20 if sys.platform == "darwin" else 10)
    return 0


def say(event: str, **facts: Any) -> None:
    sys.stdout.write(json.dumps({"event": event, **facts}) + "\n")
    sys.stdout.flush()


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """CPU and wall seconds, and the result."""
    cpu, wall = spent(), time.perf_counter()
    result = work()
    return spent() - cpu, time.perf_counter() - wall, result


def main(tool: str, model: str, steps: int, runs: int) -> None:
    """Measures until it is enough."""
    import torch

    from tests.benchmarks.peers.models import build, noise
    from tests.benchmarks.peers.tools import TOOLS

    torch.set_num_threads(1)
    loop = build(model)
    imported, _, work = timed(lambda: TOOLS[tool](loop, steps))

    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        path = Path(folder) / "figure.svg"

        def run(length: int, seed: int, say: Callable[..., None] = say) -> float:
            path.unlink(missing_ok=True)
            values = noise(loop, length, seed)
            with warnings.catch_warnings(record=True) as warned:
                warnings.simplefilter("always")
                cpu, wall, captured = timed(lambda: work.capture(values))
                difference = None
                if work.checked is not None:
                    difference = float((work.checked(captured) - loop(values)).abs().max())
                say("captured", cpu=cpu, wall=wall, difference=difference)
                if work.draw is None:
                    return wall
                draw = work.draw
                drawn, waited, _ = timed(lambda: draw(captured, path))
            said = [str(warning.message) for warning in warned]
            size = path.stat().st_size
            say("drawn", cpu=drawn, wall=waited, bytes=size, warned=said, peak=peak_megabytes())
            return wall + waited

        run(2, 0, lambda *_, **__: None)
        say("ready", imported=imported)
        begin, longest, done = time.perf_counter(), 0.0, 0
        while longest < LONG and (
            done < runs or (done < MOST and time.perf_counter() - begin < ENOUGH and runs > 1)
        ):
            longest = max(longest, run(steps if work.sequences else 2, 1 + done))
            done += 1


if __name__ == "__main__":
    cap_memory(int(sys.argv[5]))
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    sys.stdout.flush()
    os._exit(0)  # Qt's windows are not worth taking apart

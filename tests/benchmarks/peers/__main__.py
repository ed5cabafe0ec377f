"""rnnviz beside the tools that record and draw the same model.

Run by `python -m tests.benchmarks.peers`; it takes about an hour, nearly all of it for tools that
run into the limit of five minutes. `--quick` takes few steps and one run of each. Every
measurement is a process of its own; those that are finished are kept in `--results FOLDER`, and a
second call with the same folder goes on from there. Exit 1 where the bar is missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.peers import growth
from tests.benchmarks.peers.cases import STEPS, Case, cases
from tests.benchmarks.peers.machine import machine, missing, told
from tests.benchmarks.peers.readme import write_between
from tests.benchmarks.peers.running import ROOT, Limits, Measurement, Results, measure
from tests.benchmarks.peers.table import duration, remarks, table, verdict
from tests.benchmarks.peers.tools import DOT_ONLY

PICTURES = ROOT / "resources" / "pictures"
QUICK = (5, 20)


def report(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def measure_all(wanted: tuple[Case, ...], results: Results, limits: Limits) -> None:
    """Measures what is not there yet; what failed with fewer steps is not tried with more."""
    for case in wanted:
        if results.get(case) is not None:
            continue
        shorter = [results.get(Case(case.tool, case.model, n)) for n in STEPS if n < case.steps]
        failed = next((one.failure for one in shorter if one and one.seconds is None), "")
        if case.tool in DOT_ONLY and failed:
            results.put(case, Measurement(failure="not tried"))
            continue
        report(f"{time.strftime('%H:%M:%S')} {case.key}")
        found = measure(case, limits)
        results.put(case, found)
        report(f"         {duration(found.seconds) if found.seconds else found.failure}")


def written(results: Results, facts: dict[str, str]) -> str:
    """What the README is given."""
    parts = [table(results.get), *remarks(results.get), f"Measured on {told(facts)}."]
    return "\n\n".join(parts)


def main(arguments: list[str] | None = None) -> int:
    """Measures, prints the table, draws how each grows, and writes the README if wished."""
    parser = argparse.ArgumentParser(prog="tests.benchmarks.peers", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="T = 5 and 20, one run, 60 s at most")
    parser.add_argument("--results", type=Path, help="folder of the finished measurements")
    parser.add_argument("--write-readme", action="store_true", help="write table and pictures")
    given = parser.parse_args(arguments)
    if absent := missing():
        report("\n".join(absent))
        return 2
    limits = Limits(seconds=60.0, runs=1) if given.quick else Limits()
    facts = machine()
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.results or Path(scratch)
        results = Results(folder, facts)
        measure_all(cases(QUICK if given.quick else STEPS), results, limits)
        text = written(results, facts)
        report(f"\n{text}\n")
        pictures = PICTURES if given.write_readme else given.results
        if pictures is not None:
            report("\n".join(str(path) for path in growth.draw(results.get, pictures)))
        if given.write_readme:
            write_between(ROOT / "README.md", text)
    kept, said = verdict(results.get)
    report(said)
    return 0 if kept or given.quick else 1


if __name__ == "__main__":
    sys.exit(main())

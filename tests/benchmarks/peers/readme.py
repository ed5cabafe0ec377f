"""The README's part that the comparison writes."""

from __future__ import annotations

from pathlib import Path

BEGIN = "<!-- written by python -m tests.benchmarks.peers --write-readme -->"
END = "<!-- end of what was written -->"


def write_between(path: Path, written: str) -> None:
    """Replaces what stands between the markers.

    Raises:
        ValueError: the markers are not there.
    """
    text = path.read_text("utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{path}: no place between {BEGIN} and {END}")
    path.write_text(f"{before}{BEGIN}\n\n{written}\n\n{END}{after}", "utf-8")


def written_between(text: str) -> str:
    """What stands between the markers."""
    return text.partition(BEGIN)[2].partition(END)[0].strip()

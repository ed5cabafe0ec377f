"""The table of ratios, as Markdown."""

from __future__ import annotations

from collections.abc import Callable

from tests.benchmarks.peers.cases import CELL, GATES, GROUPS, STEPS, TARGET, WIDE, Case, Group, Row
from tests.benchmarks.peers.running import Measurement

Find = Callable[[Case], Measurement | None]


def table(find: Find) -> str:
    """Every group and row; a cell is a time and how many times rnnviz's that is."""
    head = ["", *(f"T = {steps}" for steps in STEPS)]
    lines = [_line(head), _line(["---", *("---:" for _ in STEPS)])]
    for group in GROUPS:
        lines.append(_line([group.title, *("" for _ in STEPS)]))
        lines += [_line([row.title, *_cells(group, row, find)]) for row in group.rows]
    return "\n".join(lines)


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(group: Group, row: Row, find: Find) -> list[str]:
    told = [_cell(group, row, steps, find) for steps in group.steps]
    return [*told, *("" for _ in STEPS[len(told) :])]


def _cell(group: Group, row: Row, steps: int, find: Find) -> str:
    found = find(row.case(steps))
    if found is None:
        return "not measured"
    if found.seconds is None:
        return found.failure
    times = ratio(group, row, steps, find)
    alone = "" if row is group.rows[0] or times is None else f" · {_times(times)}"
    return f"{duration(found.seconds)}{alone}"


def ratio(group: Group, row: Row, steps: int, find: Find) -> float | None:
    """How many times rnnviz's time a row takes; None where one of the two has none."""
    own, found = find(group.rows[0].case(steps)), find(row.case(steps))
    if own is None or found is None or own.seconds is None or found.seconds is None:
        return None
    return found.seconds / own.seconds


def _times(value: float) -> str:
    return f"{value:.0f}×" if value >= 10 else f"{value:.1f}×" if value >= 1 else f"{value:.2f}×"


def duration(seconds: float) -> str:
    """Two or three digits and a unit."""
    if seconds < 0.01:
        return f"{seconds * 1e3:.2g} ms"
    if seconds < 1:
        return f"{seconds * 1e3:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds:.0f} s"


def remarks(find: Find) -> list[str]:
    """What the table cannot say in a cell."""
    return [told for told in (_wide(find), _checked(find), _warned(find)) if told]


def _wide(find: Find) -> str:
    """The figure by hand at another size, and what its import takes."""
    own, hand = WIDE.rows
    found, times = find(hand.case(WIDE.steps[0])), ratio(WIDE, hand, WIDE.steps[0], find)
    ours = find(own.case(WIDE.steps[0]))
    if found is None or found.seconds is None or times is None or ours is None:
        return ""
    assert ours.seconds is not None
    return (
        f"Heatmap and lines at T = {WIDE.steps[0]} and hidden_size 128: rnnviz "
        f"{duration(ours.seconds)}, by hand in matplotlib {duration(found.seconds)} "
        f"({_times(times)}), and {duration(found.imported)} to import pyplot."
    )


def _checked(find: Find) -> str:
    """How near rnnviz's h is to the loops'."""
    found = [find(group.rows[0].case(steps)) for group in (CELL, GATES) for steps in STEPS]
    differences = [one.difference for one in found if one and one.difference is not None]
    if not differences:
        return ""
    return f"rnnviz's h and the loops' differ by at most {max(differences):.0e}."


def _warned(find: Find) -> str:
    """Which pictures are not what they were to be."""
    simpler = [
        f"{row.title}, {name}, T = {steps}"
        for group, name in ((CELL, "LSTMCell loop"), (GATES, "written out"))
        for row in group.rows
        for steps in group.steps
        if (found := find(row.case(steps))) and any("timed out" in one for one in found.warned)
    ]
    if not simpler:
        return ""
    return (
        f"Edges drawn straight, since routing them ran into the tool's own limit: {_and(simpler)}."
    )


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{'; '.join(names[:-1])}; and {names[-1]}"


def verdict(find: Find) -> tuple[bool, str]:
    """Whether rnnviz keeps its bar beside torchlens' `rank` at the last number of timesteps."""
    kept, told = True, []
    for group, name in ((CELL, "LSTMCell loop"), (GATES, "written out")):
        rank = next(row for row in group.rows if row.tool == "torchlens-rank")
        times = ratio(group, rank, STEPS[-1], find)
        if times is not None:
            kept &= times >= TARGET
            told.append(f"{name} 1/{times:.0f}")
        else:
            found = find(rank.case(STEPS[-1]))
            told.append(f"{name}: {found.failure if found else 'not measured'} there")
    word = "reached" if kept else "missed"
    return kept, (
        f"rnnviz beside torchlens' rank layout at T = {STEPS[-1]}: {', '.join(told)} "
        f"(target 1/{TARGET}: {word})"
    )

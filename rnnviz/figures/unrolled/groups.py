"""Visible steps in groups that begin at the same steps whatever is visible."""

from __future__ import annotations

from rnnviz.figures.unrolled.stage import Stage


def groups(stage: Stage, size: int) -> range:
    """The groups of `size` steps of which any is visible."""
    begin, end = stage.span
    return range(begin // size, -(-end // size))


def group_span(stage: Stage, size: int, group: int) -> tuple[int, int]:
    """The steps [t0, t1) of a group."""
    return group * size, min((group + 1) * size, stage.run.L)

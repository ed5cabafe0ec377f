"""What is compared with what: the rows of the table."""

from __future__ import annotations

from dataclasses import dataclass

STEPS = (5, 20, 100, 500)
TARGET = 50  # how many times rnnviz's time torchlens' `rank` is to take at the last of STEPS


@dataclass(frozen=True)
class Case:
    """One measurement, in a process of its own.

    Attributes:
        tool: a name in `tools.TOOLS`.
        model: a name that `models.build` knows.
        steps: T; 0 where there is no sequence.
    """

    tool: str
    model: str
    steps: int

    @property
    def key(self) -> str:
        return f"{self.tool}/{self.model}/{self.steps}"


@dataclass(frozen=True)
class Row:
    """One tool at one job.

    Attributes:
        title: its name in the table.
        tool, model: as in `Case`.
        short: its name in the figure.
    """

    title: str
    tool: str
    model: str
    short: str

    def case(self, steps: int) -> Case:
        return Case(self.tool, self.model, steps)


@dataclass(frozen=True)
class Group:
    """One job; the first row is rnnviz's, which the others are ratios to.

    Attributes:
        steps: the numbers of timesteps that it is done at; (0,) where T is no part of it.
    """

    title: str
    rows: tuple[Row, ...]
    steps: tuple[int, ...] = STEPS


def _unrolled(title: str, model: str) -> Group:
    return Group(
        title,
        (
            Row("rnnviz, on the `nn.LSTM` of the same weights", "rnnviz", model, "rnnviz"),
            Row("torchlens, default layout", "torchlens", model, "torchlens"),
            Row("torchlens, `rank` layout", "torchlens-rank", model, "torchlens, rank"),
            Row("torchview", "torchview", model, "torchview"),
            Row("torchviz", "torchviz", model, "torchviz"),
        ),
    )


CELL = _unrolled("**An `LSTMCell` loop: record it, draw it unrolled**", "cell")
GATES = _unrolled("**Written out gate by gate: record it, draw it unrolled**", "gates")
BY_HAND = Group(
    "**Heatmap and lines of h**",
    (
        Row("rnnviz, `trajectories`", "trajectories", "cell", "rnnviz"),
        Row("by hand in matplotlib", "matplotlib", "cell", "matplotlib by hand"),
    ),
)
WIDE = Group(
    "",
    (
        Row("rnnviz", "trajectories", "wide", "rnnviz"),
        Row("matplotlib", "matplotlib", "wide", "matplotlib by hand"),
    ),
    steps=(200,),
)
TRACE = Group(
    "**Limit: run it**",
    (
        Row("rnnviz, every h and c", "trace", "cell", "rnnviz, trace alone"),
        Row("torch's fused forward, the h of the top", "forward", "cell", "fused forward"),
    ),
)
FRAME = Group(
    "**Limit: paint a frame of a window of 1600 × 1000**",
    (
        Row("rnnviz, panning the unrolled graph", "frame", "cell", "rnnviz, a frame"),
        Row("an empty repaint of as large a window", "empty", "cell", "empty repaint"),
    ),
)
WINDOW = Group(
    "**Limit: open a window, to its first paint**",
    (
        Row("rnnviz", "window", "cell", "rnnviz"),
        Row("a bare PySide6 main window", "bare-window", "cell", "bare window"),
    ),
    steps=(0,),
)
GROUPS = (CELL, GATES, BY_HAND, TRACE, FRAME, WINDOW)  # of the table; WIDE is told below it


def cases(steps: tuple[int, ...] = STEPS) -> tuple[Case, ...]:
    """Every measurement, the shortest sequences first."""
    found = [
        row.case(count)
        for group in (*GROUPS, WIDE)
        for row in group.rows
        for count in group.steps
        if count in steps or count not in STEPS
    ]
    return tuple(sorted(found, key=lambda case: case.steps))

"""What every part of one drawing needs."""

from __future__ import annotations

from dataclasses import dataclass

from rnnviz.element import Element
from rnnviz.figures.scores.layout import Layout
from rnnviz.figures.scores.options import ScoresOptions
from rnnviz.figures.scores.subject import Subject
from rnnviz.figures.tints import Tint, tint
from rnnviz.scene.style import Style


@dataclass(frozen=True, eq=False)
class Stage:
    """One frame of the figure."""

    subject: Subject
    options: ScoresOptions
    layout: Layout
    style: Style
    zoom: float = 1.0

    def place(self, row: int) -> tuple[int, int]:
        """The sequence and timestep of a row."""
        rows = self.subject.rows
        return int(rows.sequences[row]), int(rows.timesteps[row])

    def element(self, tensor: str, row: int) -> Element:
        """A tensor at a row's place of the grid."""
        sequence, t = self.place(row)
        return Element(tensor, t=t, sequence=sequence)

    def flat_element(self, row: int) -> Element:
        """The row of what is compared; the scores themselves where nothing is."""
        name = self.subject.flat_name
        if name in ("", "flat_probabilities"):
            return self.element(self.subject.name, row)
        return Element(name, row=row)

    def tint(self, sequence: int) -> Tint:
        """A sequence's colours."""
        return tint(sequence, self.subject.pr.form.N, self.style)

    def counts(self, row: int) -> bool:
        """Whether a row counts in the loss, as far as there is one."""
        compared = self.subject.compared
        return compared is None or bool(compared.counts[row])

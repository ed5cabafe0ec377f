"""What was drawn of a run is kept while it is only panned: marks are in the content's own px."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace

from rnnviz.figures.memo import Memo
from rnnviz.figures.unrolled.stage import Stage
from rnnviz.scene.marks import Mark

_PAGES = 2  # one look, and the one before it
_PIECES = 6000
_MEMO = Memo(most=_PAGES)

Make = Callable[[Sequence[int]], dict[int, list[Mark]]]
State = Callable[[int], Hashable]
Pieces = dict[Hashable, list[Mark]]


class _Same:
    """An object as part of a key that only the very same one equals, whatever its size."""

    __slots__ = ("_of",)

    def __init__(self, of: object) -> None:
        self._of = of

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self._of is other._of

    def __hash__(self) -> int:
        return id(self._of)


class Page:
    """The pieces of one look at a run: of one zoom, style and choice of options.

    A piece that shows what is computed or selected is kept by that too, so that a step makes
    only those anew that it has changed.
    """

    def __init__(
        self,
        stage: Stage,
        owner: object = None,
        names: tuple[object, ...] = (),
        *,
        stays: bool = False,
    ) -> None:
        """Keep pieces for as long as what they are of is alive.

        Args:
            owner: what they are of; None for the run alone.
            names: what else they follow from, known by its identity.
            stays: it is the same page wherever cards are opened; what a piece's state says then
                holds the place of the piece.
        """
        self._sequence, self._opened = stage.sequence, stage.timeline.opened
        returned = None if stage.around is None else stage.around.returned
        self._moment = (stage.run.progress, returned, stage.selection)
        owner = stage.run.buffers if owner is None else owner
        self._pieces: Pieces = _MEMO.get(owner, (_look(stage, stays), *map(_Same, names)), dict)
        if len(self._pieces) > _PIECES:
            self._pieces.clear()

    def pieces(self, kind: Hashable, steps: Sequence[int], make: Make, state: State) -> list[Mark]:
        """The marks of a kind at the given steps; those not kept yet are made, all at once.

        Args:
            kind: what is drawn.
            steps: where.
            make: draws it at steps.
            state: what else the marks of a step follow from: how much is computed, and chosen.
        """
        known, sequence = self._pieces, self._sequence
        row = ("row", kind, sequence, tuple(steps), self._opened, self._moment)
        if row in known:  # panned by less than a step: nothing has to be looked at singly
            return known[row]
        keys = {t: (kind, sequence, t, state(t)) for t in steps}
        missing = [t for t, key in keys.items() if key not in known]
        if missing:
            for t, marks in make(missing).items():
                known[keys[t]] = marks
        known[row] = [mark for key in keys.values() for mark in known[key]]
        return known[row]

    def kept(self, kind: Hashable, make: Callable[[], list[Mark]]) -> list[Mark]:
        """Marks that follow from the look, the sequence and the moment alone."""
        key = (kind, self._sequence, self._moment)
        if key not in self._pieces:
            self._pieces[key] = make()
        return self._pieces[key]


def _look(stage: Stage, stays: bool) -> Hashable:
    layout = stage.layout
    timeline = layout.timeline
    return (
        layout.level,
        layout.scale,
        replace(timeline, opened=()) if stays else timeline,
        layout.compact,
        layout.card,
        layout.sheet,
        layout.rooms,
        stage.options,
        stage.style,
        stage.ranges,
    )

"""What a figure asks for beyond the run: another cell on the same batch, and Jacobians."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from rnnviz.session.failures import is_bug, message_of
from rnnviz.session.runner import Cancel, Runner
from rnnviz.session.state import Document, State
from rnnviz.session.store import Store

if TYPE_CHECKING:
    from rnnviz.figures.surroundings import Rival
    from rnnviz.model.gradients import JacobianNorms
    from rnnviz.model.trace import Trace

_FIGURE = "gradients"


@dataclass(frozen=True, eq=False)
class _Wish:
    """What is asked for: two wishes are the same if all of their parts are."""

    parts: tuple[object, ...]

    def is_same(self, other: _Wish | None) -> bool:
        if other is None or len(other.parts) != len(self.parts):
            return False
        return all(
            mine is theirs or (isinstance(mine, str | int) and mine == theirs)
            for mine, theirs in zip(self.parts, other.parts, strict=True)
        )


class Asked:
    """Computes beside the window what the figure of the gradients asks for while it is on show."""

    def __init__(self, store: Store, runner: Runner) -> None:
        self._store, self._runner = store, runner
        self._wishes: dict[str, _Wish | None] = {"rival": None, "jacobians": None}
        self._cancels: dict[str, Cancel] = {}
        store.subscribe(self._changed)

    def close(self) -> None:
        """Want nothing any more."""
        for cancel in self._cancels.values():
            cancel.set()

    def _changed(self, old: State, new: State) -> None:
        if self._store.state is not new:
            return
        options = new.options.get(_FIGURE)
        # While another document's run is made, the gradients are still those of the one before.
        known = new.gradients is not None and new.document.loss is not None
        on_show = new.figure == _FIGURE and options is not None and known
        compare = options.compare if on_show and options is not None else ""
        document = new.document
        rival = _Wish((document, compare)) if compare else None
        self._grant("rival", rival, lambda cancel: rival_of(document, compare, cancel))
        whole, sequence = new.whole, new.sequence
        wanted = on_show and options is not None and options.jacobian and _is_small(whole)
        jacobians = _Wish((whole, sequence)) if wanted else None
        self._grant(
            "jacobians", jacobians, lambda cancel: jacobians_of(whole, sequence or 0, cancel)
        )

    def _grant(self, name: str, wish: _Wish | None, work: Callable[[Cancel], object]) -> None:
        known = self._wishes[name]
        if wish is None and known is None:
            return
        if wish is not None and wish.is_same(known):
            return
        if name in self._cancels:
            self._cancels.pop(name).set()
        self._wishes[name] = wish
        self._store.change(**{name: None})
        if wish is not None:
            self._submit(name, wish, work)

    def _submit(self, name: str, wish: _Wish, work: Callable[[Cancel], object]) -> None:
        mine = self._cancels[name] = Cancel()

        def run(cancel: Cancel) -> object:
            mine.check()
            cancel.check()
            return work(mine)

        def done(found: object) -> None:
            if self._wishes[name] is wish:
                self._store.change(**{name: found})

        def failed(error: BaseException) -> None:
            if self._wishes[name] is wish:
                self._store.change(notice=message_of(error))
                if is_bug(error):
                    raise error

        self._runner.submit(run, done, failed)


def _is_small(whole: Trace | None) -> bool:
    from rnnviz.model.gradients.jacobians import LARGEST

    return whole is not None and whole.hidden_size <= LARGEST


def rival_of(document: Document, cell: str, cancel: Cancel) -> Rival:
    """The same model with another cell, on the same batch and targets."""
    from rnnviz.session import edits
    from rnnviz.session.running import run_of
    from rnnviz.session.surrounding import weight_shapes
    from rnnviz.viewing import rival_of as rival_of_run

    changes: dict[str, Any] = {"cell": cell}
    if document.spec.proj_size:
        changes["proj_size"] = 0
    other = replace(edits.with_model(document, **changes), decoder=None, clamps=())
    given = document.rivals.get(cell)
    note = f"as drawn from seed {document.spec.seed}"
    shapes = weight_shapes(other)
    # What was learned with other sizes is of no use.
    if given is not None and all(shapes.get(n) == v.shape for n, v in given.items()):
        other, note = replace(other, weights=MappingProxyType(dict(given))), "trained likewise"
    cancel.check()
    pr: Any = run_of(other)
    cancel.check()
    return rival_of_run(pr, note)


def jacobians_of(whole: Trace | None, sequence: int, cancel: Cancel) -> tuple[JacobianNorms, ...]:
    """The sizes of ∂h_T/∂h_t of each layer and direction, as h_n lists them."""
    from rnnviz.model.gradients import jacobian_norms
    from rnnviz.session.binding import cancelling

    assert whole is not None
    last = whole.lengths[sequence] - 1
    with cancelling():
        return tuple(
            jacobian_norms(whole, layer, way, 0 if way else last, sequence, cancelled=cancel.is_set)
            for layer in range(whole.num_layers)
            for way in range(whole.num_directions)
        )

"""Results kept for as long as what they follow from is alive."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from rnnviz.figures.later import refuse_if_long

T = TypeVar("T")


class Memo:
    """A memory of results by owner and key; an owner is known by its identity.

    A figure holds no state, but pooling a large matrix for every frame would cost more than
    the frame. What is kept here follows from its owner alone and goes with it. A figure may be
    described in several threads: one that asks for what another is computing computes it too.
    """

    def __init__(self, most: int = 64) -> None:
        self._most = most
        self._kept: dict[int, tuple[weakref.ref[Any], dict[Hashable, Any]]] = {}
        self._lock = threading.RLock()  # letting go of an owner may come in the midst of it

    def get(self, owner: object, key: Hashable, compute: Callable[[], T], size: int = 0) -> T:
        """The result for an owner and a key, computed when first asked for.

        Args:
            size: how many numbers it takes to compute it.

        Raises:
            Later: where that is too much for now; see `figures.later`.
        """
        with self._lock:
            results = self._of(owner)
            if key in results:
                known: T = results.pop(key)
                results[key] = known  # what is asked for again is kept longest
                return known
        refuse_if_long(size, (id(owner), key))
        result = compute()
        with self._lock:
            while len(results) >= self._most:
                results.pop(next(iter(results)))
            results[key] = result
        return result

    def has(self, owner: object, key: Hashable) -> bool:
        """Whether a result is there."""
        with self._lock:
            return key in self._of(owner)

    def _of(self, owner: object) -> dict[Hashable, Any]:
        number = id(owner)
        kept = self._kept.get(number)
        if kept is None or kept[0]() is not owner:
            reference = weakref.ref(owner, lambda _: self._kept.pop(number, None))
            kept = self._kept[number] = (reference, {})
        return kept[1]

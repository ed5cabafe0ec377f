"""Where a Keras file has the weights of a layer: each format at its own place."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from rnnviz.files.models.keras.config import Entry
from rnnviz.files.models.keras.hdf5 import Hdf5
from rnnviz.files.tensors.stored import RefusedError

DIRECTIONS = ("forward", "backward")

_DEEPEST = 6
_OLD = {"layers": "_layer_checkpoint_dependencies"}  # in the first files of the format


class Place(NamedTuple):
    """A group of the file, and the names of the weights in it: kernel, recurrent kernel, bias."""

    group: Any
    names: tuple[str, str, str]


class Places(Protocol):
    """Finds the weights of a layer."""

    def of(self, entry: Entry, direction: str | None) -> Place:
        """Those of a layer, or of one direction of a Bidirectional one.

        Raises:
            RefusedError: where they are not in the file.
        """


class NewPlaces:
    """Of a .keras file: by the class of the layer and a number."""

    def __init__(self, file: Hdf5) -> None:
        self._file = file

    def of(self, entry: Entry, direction: str | None) -> Place:
        """As in `Places`."""
        within = ("cell", "vars") if direction is None else (f"{direction}_layer", "cell", "vars")
        group = self._file.group(self._file.root, *entry.path, *within)
        if group is None:
            old = [_OLD.get(name, name) for name in entry.path]
            group = self._file.group(self._file.root, *old, *within)
        if group is None:
            raise _missing()
        return Place(group, ("0", "1", "2"))


class OldPlaces:
    """Of a .h5 file: by the name of the layer, with groups of any names within."""

    def __init__(self, file: Hdf5) -> None:
        self._file = file

    def of(self, entry: Entry, direction: str | None) -> Place:
        """As in `Places`."""
        group = self._file.group(self._file.root, "model_weights", entry.names[0])
        for name in entry.names[1:]:
            group = None if group is None else self._find(group, lambda each, n=name: each == n)
        if direction is not None and group is not None:
            group = self._find(group, lambda name: name.startswith(f"{direction}_"))
        place = None if group is None else self._place(group, 0)
        if place is None:
            raise _missing()
        return place

    def _find(self, group: Any, wanted: Any, depth: int = 0) -> Any | None:
        """The first group of a name within another."""
        inner = [name for name in self._file.members(group) if self._file.is_group(group, name)]
        for name in inner:
            if wanted(name):
                return group[name]
        for name in inner if depth < _DEEPEST else ():
            found = self._find(group[name], wanted, depth + 1)
            if found is not None:
                return found
        return None

    def _place(self, group: Any, depth: int) -> Place | None:
        """The first group within that holds a kernel."""
        members = self._file.members(group)
        for end in ("", ":0"):
            if f"recurrent_kernel{end}" in members:
                return Place(group, (f"kernel{end}", f"recurrent_kernel{end}", f"bias{end}"))
        for name in members if depth < _DEEPEST else ():
            if self._file.is_group(group, name):
                place = self._place(group[name], depth + 1)
                if place is not None:
                    return place
        return None


def _missing() -> RefusedError:
    return RefusedError("its weights are not in the file")

"""What the names in a state_dict say: which tensors are weights of one recurrent module."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_WEIGHT = re.compile(
    r"(?:(?P<prefix>.*)\.)?"
    r"(?P<kind>weight_ih|weight_hh|weight_hr|bias_ih|bias_hh)"
    r"(?:_l(?P<layer>0|[1-9][0-9]{0,3})(?P<reverse>_reverse)?)?"
    r"(?P<part>_g|_v|_orig|_mask|_u)?",
    re.DOTALL,
)
_PARAMETRIZATION = re.compile(
    r"(?:(?P<prefix>.*)\.)?parametrizations\.(?P<name>[^.]+)\.(?P<part>.+)", re.DOTALL
)
_WRAPPERS = ("module", "_orig_mod")


@dataclass(frozen=True)
class Place:
    """Where in its module a tensor belongs.

    Attributes:
        module: the name of the module in the file.
        numbered: whether its layers have numbers; a cell's don't.
        layer: the number.
        kind: "weight_ih", "weight_ih_reverse" and so on.
        part: of what the weight is computed from: "_g", "original0"; "" for the weight itself.
    """

    module: str
    numbered: bool
    layer: int
    kind: str
    part: str


@dataclass
class Group:
    """The tensors of one module.

    Attributes:
        module: its name in the file.
        numbered: whether its layers have numbers.
        weights: the tensors' names by layer, kind and part.
    """

    module: str
    numbered: bool
    weights: dict[tuple[int, str], dict[str, str]] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """Of all its tensors, in the file."""
        return [name for parts in self.weights.values() for name in parts.values()]


def place_of(name: str) -> Place | None:
    """Where a tensor of this name belongs; None where in no recurrent module."""
    part = ""
    parametrized = _PARAMETRIZATION.fullmatch(name)
    if parametrized is not None:
        prefix, name, part = parametrized.groups()
        name = f"{prefix}.{name}" if prefix is not None else name
    found = _WEIGHT.fullmatch(name)
    if found is None or (part and found["part"]):
        return None
    return Place(
        found["prefix"] or "",
        found["layer"] is not None,
        int(found["layer"] or 0),
        found["kind"] + (found["reverse"] or ""),
        part or found["part"] or "",
    )


def grouped(names: Iterable[str]) -> tuple[list[Group], list[str]]:
    """The recurrent modules that tensors of these names make, and the names left over."""
    groups: dict[tuple[str, bool], Group] = {}
    left = []
    for name in names:
        place = place_of(name)
        if place is None:
            left.append(name)
            continue
        key = (place.module, place.numbered)
        group = groups.setdefault(key, Group(place.module, place.numbered))
        group.weights.setdefault((place.layer, place.kind), {})[place.part] = name
    return list(groups.values()), left


def shown_modules(groups: Iterable[Group]) -> Mapping[tuple[str, bool], str]:
    """What each module is called, without what wraps whole models.

    `DataParallel` puts "module." in front of every name, `torch.compile` "_orig_mod.". Where
    two would be called the same, they keep their names.
    """
    keys = [(group.module, group.numbered) for group in groups]
    short = {key: _unwrapped(key[0]) for key in keys}
    counts = list(short.values())
    return {key: name if counts.count(name) == 1 else key[0] for key, name in short.items()}


def _unwrapped(module: str) -> str:
    return ".".join(part for part in module.split(".") if part not in _WRAPPERS)

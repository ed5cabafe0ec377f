"""What each timestep contributes to the gradient of each weight."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from rnnviz.errors import UsageError
from rnnviz.model.binding import Binding
from rnnviz.model.gradients.derivatives import Lane, Places
from rnnviz.model.gradients.flow import Flow
from rnnviz.model.gradients.passing import passing
from rnnviz.model.weight_names import suffix

_CHUNK = 1 << 18  # numbers of gates that are held at a time
_NAME = re.compile(r"(?P<kind>\w+?)_l(?P<layer>\d+)(?P<reverse>_reverse)?")


def parsed_name(binding: Binding, name: str) -> tuple[str, Lane]:
    """The kind of a weight, such as "weight_ih", and its layer and direction.

    Raises:
        UsageError: where the run has no weight of that name.
    """
    match = _NAME.fullmatch(name) if isinstance(name, str) else None
    if match is None or name not in binding.weights:
        known = ", ".join(binding.weights)
        raise UsageError(f"name: expected one of {known}, got {name!r}")
    return match["kind"], (int(match["layer"]), int(match["reverse"] is not None))


def weight_gradients(flow: Flow, reached: Callable[[Lane], Places]) -> dict[str, Tensor]:
    """The gradient of each weight, by PyTorch's names and in its order.

    Args:
        reached: gives the places of a layer and direction that take part.
    """
    found = {name: torch.zeros_like(weight) for name, weight in flow.binding.weights.items()}
    for lane in flow.binding.lanes:
        for places in chunks(flow, reached(lane)):
            for kind, (left, right) in factors(flow, lane, places).items():
                weight = found.get(kind + suffix(*lane))
                if weight is not None:
                    weight += product(left, right)
    return found


def product(left: Tensor, right: Tensor | None) -> Tensor:
    """The sum over places of the outer products, or for a bias of the rows themselves."""
    return left.sum(dim=0) if right is None else left.T @ right


def factors(flow: Flow, lane: Lane, places: Places) -> dict[str, tuple[Tensor, Tensor | None]]:
    """What each kind of weight's gradient is the product of, (rows, *) each."""
    around, local, within, _ = passing(flow, lane, places)
    found: dict[str, tuple[Tensor, Tensor | None]] = {
        "weight_ih": (within.ih, around.x),
        "weight_hh": (within.hh, around.h_prev),
        "bias_ih": (within.ih, None),
        "bias_hh": (within.hh, None),
    }
    if local.unprojected is not None:
        found["weight_hr"] = (within.h, local.unprojected)
    return found


def chunks(flow: Flow, places: Places) -> Iterator[Places]:
    """The same places, few enough at a time to take little memory."""
    spec = flow.binding.spec
    count = max(1, _CHUNK // (spec.hidden_size * spec.gate_count))
    t, sequences = places
    for start in range(0, len(t), count):
        yield t[start : start + count], sequences[start : start + count]

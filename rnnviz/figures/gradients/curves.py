"""The lines of the plot: what each is called, what it measures, how it looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.figures.gradients import flows
from rnnviz.figures.gradients.flows import Lane, Sizes
from rnnviz.figures.gradients.subject import Subject
from rnnviz.model.gradients import Gradients
from rnnviz.model.gradients.clipping import clip_norm
from rnnviz.model.weight_names import suffix
from rnnviz.scene.style import Style

Dash = tuple[float, ...]
Group = Literal["own", "path", "rival", "jacobian"]

_LAYERS: tuple[Dash, ...] = ((), (6.0, 4.0), (2.0, 3.0), (9.0, 3.0, 2.0, 3.0))
_DOTS: Dash = (1.5, 2.5)
WEIGHTS = ("weight_ih", "weight_hh", "weight_hr", "bias_ih", "bias_hh")
_PATHS = {
    "c": {"carry": ("through c", "c"), "h": ("through h", "h"), "final": ("from c_n", "y")},
    "h": {
        "carry": ("along z", "z"),
        "gates": ("through W_hh", "h"),
        "above": ("from above", "y"),
        "final": ("from h_n", "y"),
    },
}


@dataclass(frozen=True, eq=False)
class Curve:
    """One line.

    Attributes:
        group: what it belongs to.
        tensor: whose gradient it measures; "" where `words` say all.
        words: what follows the tensor's letter, "layer 0".
        values: (L,), NaN where there is none.
        reached: (L,), where the way back has been.
        hue: the role of its colour; "ink" for what is no tensor of the run.
        main: it is the one that the eye should follow.
        faint: it is of the direction that is not on show.
        unclipped: the values before they were clipped.
    """

    group: Group
    tensor: str
    words: str
    values: Sizes
    reached: NDArray[np.bool_]
    hue: str
    dash: Dash = ()
    key: Element | None = None
    main: bool = False
    faint: bool = False
    unclipped: Sizes | None = None
    lane: Lane = (0, 0)

    @property
    def arrived(self) -> Sizes:
        """The values where the way back has been, NaN elsewhere."""
        found: Sizes = np.where(self.reached, self.values, np.nan)
        return found

    @property
    def drawn(self) -> Sizes:
        """All values that are drawn, those before clipping where they were clipped."""
        return self.values if self.unclipped is None else self.unclipped

    def color(self, style: Style) -> str:
        """Of the line."""
        return style.ui.text_secondary if self.hue == "ink" else style.role(self.hue).line

    def ink(self, style: Style) -> str:
        """Of words that belong to it."""
        return style.ui.text_secondary if self.hue == "ink" else style.role(self.hue).text


def curves(shown: Subject) -> list[Curve]:
    """All lines, those in front last."""
    if shown.options.quantity == "weights":
        own = _of_weights(shown)
    else:
        own = _of_states(shown)
    found = [*_of_rival(shown), *own, *_of_paths(shown), *_of_jacobian(shown)]
    return sorted(found, key=lambda curve: (curve.main, not curve.faint))


def state_tensors(shown: Subject, has_c: bool) -> tuple[str, ...]:
    """Which states a quantity asks for, those that the cell has."""
    wanted = {"states": ("c", "h"), "c": ("c",), "h": ("h",), "x": ("x",)}
    found = wanted.get(shown.options.quantity, ("h",))
    return tuple(name for name in found if has_c or name != "c") or ("h",)


def _of_states(shown: Subject) -> list[Curve]:
    run = shown.run
    places = [
        (tensor, (layer, direction))
        for tensor in state_tensors(shown, run.cell.has_c)
        for layer in range(run.num_layers)
        for direction in range(1 if tensor == "x" else run.num_directions)
    ]
    found = [_of_state(shown, tensor, lane) for tensor, lane in places]
    return [curve for curve in found if curve is not None]


def _of_state(shown: Subject, tensor: str, lane: Lane) -> Curve | None:
    layer, direction = lane
    if tensor == "x" and layer and not flows.is_bearable(shown.run, layer):
        return None
    if tensor == "x":
        reached = flows.input_reached(shown.arrived, layer, shown.sequence)
    else:
        reached = flows.reached(shown.arrived, lane, shown.sequence)
    faint = tensor != "x" and direction != shown.direction
    return Curve(
        "own",
        tensor,
        _lane_words(shown, lane, tensor),
        flows.norms(shown.found, tensor, lane, shown.sequence),
        reached,
        tensor,
        _LAYERS[layer % len(_LAYERS)],
        _key(shown, tensor, lane),
        main=layer == shown.layer and not faint and tensor == shown.tensor,
        faint=faint,
        lane=lane,
    )


def _lane_words(shown: Subject, lane: Lane, tensor: str = "") -> str:
    words = f"layer {lane[0]}"
    if shown.run.num_directions == 2 and tensor != "x":
        words += (" →", " ←")[lane[1]]
    return words


def _key(shown: Subject, tensor: str, lane: Lane) -> Element:
    direction = None if tensor == "x" else lane[1]
    name = f"grad_{tensor}"
    return Element(name, layer=lane[0], direction=direction, sequence=shown.sequence)


def _of_weights(shown: Subject) -> list[Curve]:
    """What each timestep adds to the gradient of each weight of the layer on show."""
    if not flows.is_bearable(shown.run, shown.layer):
        return []
    scale = clip_scale(shown)
    reached = flows.reached(shown.arrived, shown.lane, shown.sequence)
    looks = {
        "weight_ih": ("x", ()),
        "weight_hh": ("h", ()),
        "weight_hr": ("y", ()),
        "bias_ih": ("x", _LAYERS[1]),
        "bias_hh": ("h", _LAYERS[1]),
    }
    found = []
    norms = flows.weight_norms(shown.found, shown.lane, shown.sequence)
    for kind in WEIGHTS:
        name = kind + suffix(*shown.lane)
        if name not in norms:
            continue
        values = norms[name]
        hue, dash = looks[kind]
        curve = Curve(
            "own",
            kind,
            _lane_words(shown, shown.lane),
            values * scale,
            reached,
            hue,
            dash,
            Element(f"grad_{name}", sequence=shown.sequence),
            main=kind == "weight_hh",
            unclipped=values if scale < 1 else None,
            lane=shown.lane,
        )
        found.append(curve)
    return found


def clip_scale(shown: Subject) -> float:
    """What clipping multiplies all weights' gradients with; 1 where it is off."""
    clipped = clipping(shown)
    return 1.0 if clipped is None else clipped[1]


def clipping(shown: Subject) -> tuple[float, float] | None:
    """The norm of all weights' gradients together, and what clipping multiplies them with."""
    gradients = shown.around.gradients
    if shown.options.clip <= 0 or gradients is None:
        return None
    found = clip_norm(gradients.weights, shown.options.clip)
    return found.total_norm, found.coefficient


def _of_paths(shown: Subject) -> list[Curve]:
    """The gradient of the state on show, by the path it came along."""
    tensor = shown.tensor
    if not shown.options.paths or tensor == "x" or shown.options.quantity == "weights":
        return []
    if not flows.is_bearable(shown.run, shown.layer):
        return []
    parts = flows.part_norms(shown.found, tensor, shown.lane, shown.sequence)
    reached = flows.reached(shown.arrived, shown.lane, shown.sequence)
    found = []
    for name, values in parts.items():
        if name == "final" and not np.any(values > 0):
            continue
        words, hue = _PATHS[tensor][name]
        found.append(Curve("path", "", words, values, reached, hue, _DOTS, lane=shown.lane))
    return found


def _of_rival(shown: Subject) -> list[Curve]:
    """The same of the other cell, in ink."""
    rival = shown.rival
    if rival is None or shown.options.quantity == "weights":
        return []
    gradients = rival.gradients.recurrent
    assert gradients is not None
    arrived = rival_arrived(shown, gradients)
    found: list[Curve] = []
    for tensor in rival_tensors(shown, gradients):
        for layer in range(gradients.run.num_layers):
            lane = layer, min(shown.direction, gradients.run.num_directions - 1)
            if tensor == "x" and layer and not flows.is_bearable(gradients.run, layer):
                continue
            rivals = Curve(
                "rival",
                "",
                f"{gradients.run.kind} layer {layer}",
                flows.norms(gradients, tensor, lane, shown.sequence),
                flows.reached(arrived, lane, shown.sequence),
                "ink",
                _LAYERS[layer % len(_LAYERS)],
                lane=lane,
            )
            found.append(rivals)
    return found


def rival_tensors(shown: Subject, gradients: Gradients) -> tuple[str, ...]:
    """Which of the other cell's tensors stands against the run's: one that carries."""
    wanted = state_tensors(shown, gradients.run.cell.has_c)
    return wanted[:1]


def rival_arrived(shown: Subject, gradients: Gradients) -> Gradients:
    """The other cell's gradients as far as the way back has come."""
    if shown.around.returned is None:
        return gradients
    return gradients.at(min(shown.around.returned, gradients.total))


def _of_jacobian(shown: Subject) -> list[Curve]:
    """∂h_T/∂h_t of the layer on show: its norm and its largest singular value."""
    found = shown.jacobian
    if found is None:
        return []
    everywhere = np.ones(len(found.norm), dtype=bool)
    kinds = (("norm", found.norm, ()), ("σ₁", found.largest_singular_value, (5.0, 3.0)))
    return [
        Curve("jacobian", "", words, values, everywhere, "gradient", dash, lane=shown.lane)
        for words, values, dash in kinds
    ]

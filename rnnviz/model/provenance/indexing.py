"""Where PyTorch keeps an element: the indexing code that gets it from a module's results."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from rnnviz.element import Element
from rnnviz.model.provenance.description import Line, Shape
from rnnviz.model.trace import Trace

Index = int | str

_WORD = re.compile(r"[A-Za-z_]\w*")


class Path(NamedTuple):
    """An expression and the indices behind it: output and (0, 2) are `output[0, 2]`."""

    base: str
    indices: tuple[Index, ...] = ()

    @property
    def code(self) -> str:
        return f"{self.base}[{', '.join(map(str, self.indices))}]" if self.indices else self.base

    def at(self, *indices: Index) -> Path:
        """The same with more indices."""
        return Path(self.base, self.indices + indices)


def lines(paths: Iterable[Path], shape: Shape, index: tuple[int, ...] | None) -> list[Line]:
    """Every path to a tensor, and behind them the first path to one element of it."""
    paths = list(paths)
    found = [Line(path.code, shape) for path in paths]
    if paths and index is not None:
        found.append(Line(paths[0].at(*index).code, ()))
    return found


def in_input(run: Trace, element: Element) -> list[Path]:
    """The input at (t, sequence), or at every t of a sequence."""
    return _in_sequence(run, "input", element)


def in_output(run: Trace, element: Element) -> list[Path]:
    """`output` at (t, sequence): a direction's own half, or both where direction is None."""
    if element.direction is None or run.num_directions == 1:
        return _in_sequence(run, "output", element)
    split = "num_directions, H_out"
    direction = element.direction
    if run.plan is not None:
        padded = Path(f"{_padded('output')}.view(L, N, {split})", _padded_index(run, element))
        if element.t is None:
            return [padded.at(direction)]
        row = run.plan.row_of(_sequence(element), element.t)
        return [Path(f"output.data.view(-1, {split})", (row, direction)), padded.at(direction)]
    axes = "L" if run.unbatched else "N, L" if run.spec.batch_first else "L, N"
    return [Path(f"output.view({axes}, {split})", _given_index(run, element)).at(direction)]


def in_final(run: Trace, name: str, element: Element) -> list[Path]:
    """`h_n`, `c_n`, `h_0` or `c_0` of a layer, direction and sequence, in both its readings."""
    size = "H_out" if name[0] == "h" else "H_cell"
    layer, direction = element.layer or 0, element.direction or 0
    row = layer * run.num_directions + direction
    sequence: tuple[Index, ...] = () if run.unbatched else (_sequence(element),)
    axes = (
        f"num_layers, num_directions, {size}"
        if run.unbatched
        else (f"num_layers, num_directions, N, {size}")
    )
    return [
        Path(f"{name}.view({axes})", (layer, direction, *sequence)),
        Path(name, (row, *sequence)),
    ]


def in_grid(run: Trace, grid: str, element: Element) -> Path:
    """A tensor (L, N, features) of a trace at (t, sequence)."""
    return Path(grid, _padded_index(run, element))


def setup(run: Trace, code: Iterable[str]) -> tuple[str, ...]:
    """The statements that define the names in some lines, from `module`, `input` and `hx`."""
    words = set(_WORD.findall(" ".join(code)))
    if "packed" in words:
        words.add("pack_padded_sequence")
    arguments = "input, hx" if run.initial_given else "input"
    packers = ("pack_padded_sequence", "pad_packed_sequence")
    statements = [f"from torch.nn.utils.rnn import {name}" for name in packers if name in words]
    if "run" in words:
        statements.insert(0, "import rnnviz")
    if words & {"output", "h_n", "c_n"}:
        results = "(h_n, c_n)" if run.cell.has_c else "h_n"
        statements.append(f"output, {results} = module({arguments})")
    if words & {"h_0", "c_0"} and run.initial_given:
        statements.append("h_0, c_0 = hx" if run.cell.has_c else "h_0 = hx")
    if "packed" in words:
        statements.append(f"packed = {_packing(run)}")
    if "run" in words:
        statements.append(f"run = rnnviz.trace(module, {arguments})")
    sizes = {name: size for name, size in _sizes(run).items() if name in words}
    if sizes:
        statements.append(f"{', '.join(sizes)} = {', '.join(map(str, sizes.values()))}")
    return tuple(statements)


def _packing(run: Trace) -> str:
    """How a batch that was not packed would be."""
    batch = "input.unsqueeze(1)" if run.unbatched else "input"
    options = ", batch_first=True" if run.spec.batch_first and not run.unbatched else ""
    return f"pack_padded_sequence({batch}, [{run.L}] * {run.N}{options})"


def _sizes(run: Trace) -> dict[str, int]:
    return {
        "num_layers": run.num_layers,
        "num_directions": run.num_directions,
        "L": run.L,
        "N": run.N,
        "H_out": run.output_size,
        "H_cell": run.hidden_size,
    }


def _in_sequence(run: Trace, name: str, element: Element) -> list[Path]:
    if run.plan is None:
        return [Path(name, _given_index(run, element))]
    padded = Path(_padded(name), _padded_index(run, element))
    if element.t is None:
        return [padded]
    return [Path(f"{name}.data", (run.plan.row_of(_sequence(element), element.t),)), padded]


def _given_index(run: Trace, element: Element) -> tuple[Index, ...]:
    """(t, sequence) in the order of the caller's tensor."""
    t: Index = ":" if element.t is None else element.t
    if run.unbatched:
        return (t,)
    sequence = _sequence(element)
    return (sequence, t) if run.spec.batch_first else (t, sequence)


def _padded_index(run: Trace, element: Element) -> tuple[Index, ...]:
    t: Index = _span(run, element) if element.t is None else element.t
    return (t, _sequence(element))


def _padded(name: str) -> str:
    return f"pad_packed_sequence({name})[0]"


def _span(run: Trace, element: Element) -> str:
    """All timesteps of a sequence, without its padding."""
    length = run.lengths[_sequence(element)]
    return ":" if length == run.L else f":{length}"


def _sequence(element: Element) -> int:
    return element.sequence or 0

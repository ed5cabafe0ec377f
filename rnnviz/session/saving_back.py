"""Saving what other programs can use: weights, the values of a tensor, a script of the model."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.errors import FileError, RnnvizError
from rnnviz.session.editor import NO_PROBLEMS
from rnnviz.session.errands import Errand, Errands
from rnnviz.session.keeping import Keeping
from rnnviz.session.runner import Cancel
from rnnviz.session.state import Document, State

Array = NDArray[np.generic]

WEIGHTS = (".safetensors", ".pt")
VALUES = (".npy", ".csv")
_DECODER = "decoder."
_WIDENED = ", its numbers widened from bfloat16 to float32, which holds each"
_NOT_YET = "nothing is written: the run is still being computed"
_TOO_LONG = (
    "nothing is copied: the script holds {size} MB of numbers; "
    "“Save script…” in the File menu puts them in a file beside it"
)
_PASTED = 1_000_000  # bytes of numbers that a script on the clipboard may hold
_LOAD = "saved = torch.load(Path(__file__).with_name({name!r}), weights_only=True)\n"


class Numbers(NamedTuple):
    """The values of a tensor.

    Attributes:
        name: of the tensor, fit for a file: "h_l0_reverse".
        array: the numbers.
        axes: of the array.
        columns: a name for each number of its last axis.
    """

    name: str
    array: Array
    axes: tuple[str, ...]
    columns: tuple[str, ...] = ()


class SavingBack(Keeping):
    """The intents that write files for other programs, beside the window."""

    def save_weights(self, path: str | Path) -> None:
        """Write all weights, edits included, for `load_state_dict`."""
        document, where = self.state.document, Path(path)

        def write(_: Errand) -> Path:
            from rnnviz.files.saving import save_weights

            return save_weights(where, weights_of(document))

        self._write_back(where, write, _what_is_other(document))

    def save_values(self, path: str | Path, element: Element, *, whole: bool = False) -> None:
        """Write the tensor that an element lies in, over all timesteps of its sequence.

        Args:
            whole: all of the tensor, every sequence.
        """
        state, where = self.state, Path(path)
        if state.outdated:
            self._store.change(notice=_NOT_YET)
            return

        def write(_: Errand) -> Path:
            from rnnviz.files.saving import save_array

            found = numbers_of(state, element, whole=whole)
            return save_array(where, found.array, found.columns or None)

        self._write_back(where, write, _what_is_other(state.document))

    def save_script(self, path: str | Path) -> None:
        """Write a script that prints the same numbers; large tensors go to a file beside it."""
        state, where = self.state, Path(path)
        if state.outdated:
            self._store.change(notice=_NOT_YET)
            return

        def write(_: Errand) -> Path:
            from rnnviz.files.saving import save_bytes, save_weights

            beside = where.with_name(f"{where.stem}_tensors.pt")
            code, tensors = script_with(state, beside.name)
            if tensors:
                save_weights(beside, tensors)
            return save_bytes(where, code.encode())

        self._write_back(where, write)

    def write_script(self, done: Callable[[str], None]) -> None:
        """Have the script of what is on show written, unless its numbers are too many to paste."""
        state = self.state

        def write(_: Cancel) -> tuple[str, int]:
            from rnnviz.model.pipeline.literals import kept_aside
            from rnnviz.session.scripts import script_of

            with kept_aside() as kept:
                script_of(state)
            held = sum(tensor.nbytes for tensor in kept.values())
            return ("" if held > _PASTED else script_of(state)), held

        def written(found: tuple[str, int]) -> None:
            code, held = found
            if code:
                done(code)
            else:
                self._store.change(notice=_TOO_LONG.format(size=math.ceil(held / 1e6)))

        # No errand: what is being opened or saved goes on.
        self._computing.runner.submit(write, written, self._refuse_file)

    def _write_back(self, path: Path, write: Callable[[Errand], Path], said: str = "") -> None:
        """Write a file where runs are made, and tell where, with what else there is to be said."""

        def written(target: Path) -> None:
            self._store.change(notice=f"wrote {target}{said}", problems=NO_PROBLEMS)

        def failed(error: BaseException) -> None:
            if not isinstance(error, RnnvizError):
                raise error
            self._refuse(error, "file")

        # Where runs are made too: modules are built, for which torch has one generator.
        errands = Errands(self._store, self._computing.runner)
        errands.start(f"writing {path.name}", write, written, failed)


def weights_of(document: Document) -> dict[str, Array]:
    """All weights as the module has them: of recurrent layers alone by its own names.

    Of a whole model by the names of its parts, "recurrent.weight_ih_l0", "head.bias"; of several
    stacks by theirs.
    """
    if document.before or document.after:
        return _weights_of_stacks(document)
    return {name: _copied(weight) for name, weight in _named_weights(document).items()}


def numbers_of(state: State, element: Element, *, whole: bool = False) -> Numbers:
    """The values of the tensor that an element lies in.

    Args:
        whole: every sequence, (L, N, features); else the timesteps of one, (L, features).

    Raises:
        FileError: where they are not known yet, or there is no such tensor.
    """
    view = state.view()
    run, pr, prefix = view.whole, state.pr, ""
    if element.tensor.startswith(_DECODER) and state.decoded is not None:
        pr = state.decoded.decoder
        run, prefix = pr.run, _DECODER
        element = element._replace(tensor=element.tensor.removeprefix(_DECODER))
    name = element.tensor
    if run is None and pr is None:
        raise FileError("the values cannot be saved yet: wait until the whole run is traced")
    found = None if run is None else _of_run(run, element)
    if found is None and pr is not None:
        found = _of_model(pr, name)
    if found is None:
        raise FileError(f"{name} has no values of its own that could be saved")
    found = found._replace(name=prefix + found.name)
    if whole or found.axes[:2] != ("L", "N"):
        return found
    n = element.sequence if element.sequence is not None else (state.sequence or 0)
    length = state.document.lengths[n] if not prefix else len(found.array)
    return found._replace(array=found.array[:length, n], axes=("L", *found.axes[2:]))


def script_with(state: State, beside: str) -> tuple[str, dict[str, Array]]:
    """The script of a state, and the tensors that it loads from a file beside it.

    Args:
        beside: the name of that file.
    """
    from rnnviz.model.pipeline.literals import kept_aside
    from rnnviz.session.scripts import script_of

    with kept_aside() as kept:
        code = script_of(state)
    if not kept:
        return code, {}
    imports = "from torch import nn\n"
    code = code.replace(imports, f"{imports}\n{_LOAD.format(name=beside)}", 1)
    return f"from pathlib import Path\n\n{code}", {name: _copied(v) for name, v in kept.items()}


def _what_is_other(document: Document) -> str:
    """What is not in a file as it is in the model, in words; "" for nothing."""
    return _WIDENED if document.spec.dtype == "bfloat16" else ""


def _weights_of_stacks(document: Document) -> dict[str, Array]:
    from rnnviz.model.building import read_module
    from rnnviz.model.weights import live_weights
    from rnnviz.session.chain_script import modules_of
    from rnnviz.session.stack_names import variables
    from rnnviz.session.stacks import stacks_of

    names = [stack.name for stack in stacks_of(document)]
    if len(set(names)) < len(names) or "" in names:
        names = list(variables(document))
    return {
        f"{name}.{weight}": _copied(values)
        for name, module in zip(names, modules_of(document), strict=True)
        for weight, values in live_weights(module, read_module(module)).items()
    }


def _named_weights(document: Document) -> dict[str, Any]:
    from rnnviz.model.building import read_module
    from rnnviz.model.weights import live_weights
    from rnnviz.session.assembly import assemble, assemble_decoder
    from rnnviz.session.binding import bind

    if not document.recurrent:
        return assemble(document, None).weights()
    bound = bind(document)
    if document.is_plain:
        return live_weights(bound.module, read_module(bound.module))
    assert bound.pipeline is not None
    if document.decoder is not None:
        return dict(assemble_decoder(document, bound.pipeline).named_parameters())
    return bound.pipeline.weights()


def _of_run(run: Any, element: Element) -> Numbers | None:
    name, layer, direction = element.tensor, element.layer or 0, element.direction or 0
    place = f"{name}_l{layer}" + ("_reverse" if direction else "")
    if name in run.weights:
        array = _copied(run.weights[name])
        columns = _columns(name, array.shape[1]) if array.ndim == 2 else (name,)
        return Numbers(name, array, ("row", "column")[: array.ndim], columns)
    if name in ("h", "c"):
        values = getattr(run.states(layer, direction), name)
        return None if values is None else _timed(place, values, name)
    if name in run.cell.gates:
        return _timed(place, run.gate_states(layer, direction)[name], name)
    if name == "x":
        return _timed(f"x_l{layer}", run.inputs(layer), "x")
    if name == "output":
        import torch

        top, ways = run.num_layers - 1, range(run.num_directions)
        return _timed(name, torch.cat([run.states(top, way).h for way in ways], dim=2), name)
    if name in ("h_0", "c_0", "h_n", "c_n"):
        values = getattr(run, name)
        return None if values is None else _any(name, _copied(values))
    return None


def _of_model(pr: Any, name: str) -> Numbers | None:
    known = pr.tensors.get(name)
    if known is None:
        weight = pr.weights.get(name)
        return None if weight is None else _any(name, _copied(weight))
    if known.axes[:1] != (pr.form.flat_axis,) and {"L", "N"} & set(known.axes[:2]):
        try:
            grid = _copied(pr.grid(name))
        except RnnvizError:
            return _any(name, _copied(known.tensor))
        features = () if grid.ndim == 2 else _columns(name, grid.shape[2])
        return Numbers(name, grid, ("L", "N", "H")[: grid.ndim], features or (name,))
    return _any(name, _copied(known.tensor))


def _timed(place: str, values: Any, name: str) -> Numbers:
    array = _copied(values)
    return Numbers(place, array, ("L", "N", "H"), _columns(name, array.shape[2]))


def _any(name: str, array: Array) -> Numbers:
    columns = _columns(name, array.shape[-1]) if array.ndim > 1 else (name,)
    return Numbers(name, array, ("",) * array.ndim, columns)


def _columns(name: str, count: int) -> tuple[str, ...]:
    return tuple(f"{name}[{place}]" for place in range(count))


def _copied(values: Any) -> Array:
    values = values.detach().cpu()
    if str(values.dtype) == "torch.bfloat16":  # which numpy has none of; a float32 holds each
        values = values.float()
    array: Array = np.array(values.numpy())
    return array

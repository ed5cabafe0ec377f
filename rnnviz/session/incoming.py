"""What a file brings, whatever it is: a session, a recording, weights, or arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnviz.files.container import is_container
from rnnviz.files.found import Finding, FoundChain, FoundStack
from rnnviz.files.models import find_models
from rnnviz.files.tensors import Stored, list_arrays
from rnnviz.session.edits import check
from rnnviz.session.fills import fill_values
from rnnviz.session.opened import Opened, of_recording
from rnnviz.session.parts import StackPart
from rnnviz.session.saved import Restored, read_saved
from rnnviz.session.state import Document

if TYPE_CHECKING:
    from rnnviz.model.spec import ModelSpec

_STEPS = 12  # timesteps of the input that weights alone are opened on
_ARRAYS = ".npz"  # weights now and then, and mostly an input
_TEXT = {".csv", ".tsv", ".txt", ".npy"}  # of no names, which weights would need


@dataclass(frozen=True, eq=False)
class FoundArrays:
    """Arrays in which no recurrent layer was recognised: an input, or targets.

    Attributes:
        path: the file.
        arrays: names, shapes and dtypes.
        use: what one of them is wanted for first: "input" or "targets".
    """

    path: Path
    arrays: Mapping[str, Stored]
    use: str = "input"


Incoming = Restored | Opened | Finding | FoundArrays


def read_file(path: Path, cancelled: Callable[[], bool] | None = None) -> Incoming:
    """What a file holds, by what is in it.

    Raises:
        FileError: where nothing can be done with it, with the reason.
    """
    if is_container(path):
        held = read_saved(path)
        return held if isinstance(held, Restored) else of_recording(path.name, held)
    if path.suffix.lower() in _TEXT:
        return FoundArrays(path, list_arrays(path))
    found = find_models(path, cancelled)
    if path.suffix.lower() == _ARRAYS and not found.chains:
        return FoundArrays(path, list_arrays(path))
    return found


def document_of(
    chain: FoundChain, finding: Finding, answers: Mapping[str, Any], present: Document
) -> Document:
    """The document of weights that were found.

    Args:
        chain: what of the finding was chosen.
        answers: what the file does not say: `nonlinearity`, `batch_first`, `dropout`.
        present: the document on show, whose input is kept where it fits.

    Raises:
        SpecError: for an answer that is none.
        InputError: where the run would not fit this machine.
    """
    stacks = [_part(stack, answers) for stack in chain.stacks]
    first = stacks[0]
    spec = first.spec
    weights = {f"recurrent.{name}": values for name, values in first.weights.items()}
    document = Document(
        spec,
        *_input(spec, present),
        title=_title(chain, finding),
        weights=MappingProxyType(weights),
        weights_from=finding.path.name,
        stack=first.name if len(stacks) > 1 else "",
        after=tuple(stacks[1:]),
    )
    return check(document)


def _title(chain: FoundChain, finding: Finding) -> str:
    file = finding.path.name
    return f"{chain.name} of {file}" if chain.name else file


def _part(stack: FoundStack, answers: Mapping[str, Any]) -> StackPart:
    asked = {name: answers[name] for name in stack.asked if name in answers}
    if stack.spec.num_layers < 2:
        asked.pop("dropout", None)  # which only stands between layers
    weights = {name: values.astype(np.float64) for name, values in stack.weights.items()}
    return StackPart(stack.name, stack.spec.with_changes(**asked), MappingProxyType(weights))


def _input(spec: ModelSpec, present: Document) -> tuple[Any, tuple[int, ...]]:
    """Values (N, L, H_in) and lengths: those on show where they fit, else drawn ones."""
    if not present.is_fed and present.values.shape[2] == spec.input_size:
        return present.values, present.lengths
    return fill_values("randn", (1, _STEPS, spec.input_size), 0), (_STEPS,)

"""The PyTorch script of what is on show: complete by itself, it prints the same numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rnnviz.session.fills import fill_values
from rnnviz.session.state import Document, State

if TYPE_CHECKING:
    from rnnviz.model.pipeline import PipelineRun

_DRAWN = {"randn": "standard_normal", "rand": "random"}
_WRITTEN_OUT = 400  # numbers; more of them are drawn as they were, where they were drawn
_HELD = "# A module cannot be told to hold values: those that are held in the window are not here."
_LISTING = """
for name, weight in recurrent.named_parameters():
    print(name, tuple(weight.shape))
"""


def script_of(state: State) -> str:
    """The script of a state that is ready."""
    document = state.document
    if document.before or document.after:
        from rnnviz.session.chain_script import chain_code

        return _noted(document, chain_code(document, drawn_batch(document)))
    if state.decoded is not None:
        return _noted(document, state.decoded.code())
    pr = plain_run(state) if state.pr is None else state.pr
    code = pr.code(batch=drawn_batch(document)) + _directions(pr)
    return _noted(document, code + (_LISTING if state.pr is None else ""))


def plain_run(state: State) -> PipelineRun:
    """Recurrent layers alone as a whole model of which they are all."""
    from rnnviz.session.assembly import assemble
    from rnnviz.session.binding import around, bind

    bound = bind(state.document)
    run = bound.whole() if state.whole is None else state.whole
    return around(state.document, assemble(state.document, bound.module), run)


def drawn_batch(document: Document) -> str:
    """The expression that draws the input as it was drawn; "" where it was not, or is short."""
    values = document.values
    if document.takes_ids or document.fill not in _DRAWN or values.size <= _WRITTEN_OUT:
        return ""
    if len(set(document.lengths)) > 1:  # it ends in padding
        return ""
    shape: tuple[int, int, int] = values.shape
    if not np.array_equal(values, fill_values(document.fill, shape, document.seed)):
        return ""
    seed = document.seed % 2**64
    drawn = f"np.random.default_rng({seed}).{_DRAWN[document.fill]}({shape})"
    if document.unbatched:
        drawn += "[0]"
    elif not document.spec.batch_first:
        drawn += ".swapaxes(0, 1)"
    dtype = document.spec.dtype
    return f"torch.tensor({drawn}, dtype=torch.{dtype})"


def _directions(pr: PipelineRun) -> str:
    """Lines that part the output of two directions."""
    spec = pr.pipeline.spec
    if spec is None or spec.num_directions == 1:
        return ""
    leading = pr.tensors["output"].tensor.shape[:-1]
    shape = ", ".join(map(str, (*leading, 2, spec.output_size)))
    axes = ", ".join((*pr.form.axes, "D", "H_out"))
    return (
        f"\ndirections = output.view({shape})  # ({axes})\n"
        'print("forward", directions[..., 0, :].detach())\n'
        'print("reverse", directions[..., 1, :].detach())\n'
    )


def _noted(document: Document, code: str) -> str:
    held = document.clamps or any(s.clamps for s in (*document.before, *document.after))
    return f"{_HELD}\n{code}" if held else code

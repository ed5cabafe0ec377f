"""The window on somebody's own module, from a script or a notebook."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from rnnviz.display import missing_display
from rnnviz.errors import RnnvizError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch
    from torch import nn

    from rnnviz.model.pipeline import Pipeline
    from rnnviz.model.tokens import Vocabulary
    from rnnviz.session.opened import Opened


def show(
    module: nn.Module | Pipeline,
    input: Any,
    hx: torch.Tensor | tuple[torch.Tensor, torch.Tensor] | None = None,
    *,
    targets: torch.Tensor | None = None,
    lengths: Sequence[int] | None = None,
    vocabulary: Vocabulary | None = None,
    names: Sequence[str] | None = None,
) -> Any:
    """Open the window on a module or a whole model and its input, trained weights and all.

    Of any other model, every `nn.RNN`, `nn.LSTM`, `nn.GRU` inside it and every loop over one of
    their cells is captured with what it really receives when the model is called on the batch;
    the window lists them by their qualified names. The model is left as it was.

    The window works on a copy: nothing in it changes the module.

    Args:
        module: a `torch.nn.RNN`, `LSTM` or `GRU`, a `Pipeline`, or any model with some inside.
        input: as the module takes it: `(L, N, H_in)`, `(N, L, H_in)` under `batch_first`,
            `(L, H_in)` unbatched, or a PackedSequence; or a Pipeline's batch, of ids too. Of any
            other model its argument, a tuple or list of them, or a dict of keyword arguments.
        hx: `h_0`, or `(h_0, c_0)`; of a recurrent module or a Pipeline.
        targets: what a Pipeline's loss compares with.
        lengths: of a Pipeline's sequences, where they are padded.
        vocabulary: names the ids of a Pipeline's batch.
        names: of the modules inside any other model that are wanted; None for all.

    Returns:
        None when the window was closed; in a notebook whose Qt event loop runs, the window,
        at once.

    Raises:
        SpecError: where `module` is none of these, or has none of such a name inside.
        InputError: where the input or `hx` doesn't fit the module.
        RnnvizError: where no window can be opened.
    """
    from torch import nn

    from rnnviz.model.pipeline import Pipeline
    from rnnviz.session.opened import of_model, of_module, of_pipeline

    opened: Opened  # what doesn't fit is raised here, not shown there
    if isinstance(module, Pipeline):
        choices = {"targets": targets, "lengths": lengths, "vocabulary": vocabulary}
        opened = of_pipeline(module, input, hx=hx, **choices)
    elif isinstance(module, nn.Module) and not isinstance(module, nn.RNN | nn.LSTM | nn.GRU):
        opened = of_model(module, input, names)
    else:
        opened = of_module(module, input, hx)
    if reason := missing_display():
        raise RnnvizError(reason)
    from rnnviz import app

    if _loop_runs():
        return app.open_window(opened=opened)
    app.run(opened=opened)
    return None


def _loop_runs() -> bool:
    """Whether somebody else runs Qt's event loop, or IPython does while it waits for input."""
    from PySide6.QtCore import QThread

    if QThread.currentThread().loopLevel() > 0:
        return True
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    loop = getattr(shell, "active_eventloop", None)
    return isinstance(loop, str) and loop.startswith("qt")

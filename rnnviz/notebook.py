"""The window on somebody's own module, from a script or a notebook."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from rnnviz.display import missing_display
from rnnviz.errors import RnnvizError

if TYPE_CHECKING:
    import torch
    from torch import nn
    from torch.nn.utils.rnn import PackedSequence


def show(
    module: nn.RNN | nn.LSTM | nn.GRU,
    input: torch.Tensor | PackedSequence,
    hx: torch.Tensor | tuple[torch.Tensor, torch.Tensor] | None = None,
) -> Any:
    """Open the window on a module and its input, trained weights and all.

    The window works on a copy: nothing in it changes the module.

    Args:
        module: a `torch.nn.RNN`, `LSTM` or `GRU`.
        input: as the module takes it: `(L, N, H_in)`, `(N, L, H_in)` under `batch_first`,
            `(L, H_in)` unbatched, or a PackedSequence.
        hx: `h_0`, or `(h_0, c_0)`.

    Returns:
        None when the window was closed; in a notebook whose Qt event loop runs, the window,
        at once.

    Raises:
        SpecError: where `module` is none of the three.
        InputError: where the input or `hx` doesn't fit the module.
        RnnvizError: where no window can be opened.
    """
    from rnnviz.session.adoption import adopt_module

    adopt_module(module, input, hx)  # so that what doesn't fit is raised here, not shown there
    if reason := missing_display():
        raise RnnvizError(reason)
    from rnnviz import app

    if _loop_runs():
        return app.open_window(module=module, input=input, hx=hx)
    app.run(module=module, input=input, hx=hx)
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

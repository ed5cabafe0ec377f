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
    from torch.nn.utils.rnn import PackedSequence

    from rnnviz.model.pipeline import Pipeline
    from rnnviz.model.tokens import Vocabulary


def show(
    module: nn.RNN | nn.LSTM | nn.GRU | Pipeline,
    input: torch.Tensor | PackedSequence,
    hx: torch.Tensor | tuple[torch.Tensor, torch.Tensor] | None = None,
    *,
    targets: torch.Tensor | None = None,
    lengths: Sequence[int] | None = None,
    vocabulary: Vocabulary | None = None,
) -> Any:
    """Open the window on a module or a whole model and its input, trained weights and all.

    The window works on a copy: nothing in it changes the module.

    Args:
        module: a `torch.nn.RNN`, `LSTM` or `GRU`, or a `Pipeline`.
        input: as the module takes it: `(L, N, H_in)`, `(N, L, H_in)` under `batch_first`,
            `(L, H_in)` unbatched, or a PackedSequence; or a Pipeline's batch, of ids too.
        hx: `h_0`, or `(h_0, c_0)`.
        targets: what a Pipeline's loss compares with.
        lengths: of a Pipeline's sequences, where they are padded.
        vocabulary: names the ids of a Pipeline's batch.

    Returns:
        None when the window was closed; in a notebook whose Qt event loop runs, the window,
        at once.

    Raises:
        SpecError: where `module` is none of these.
        InputError: where the input or `hx` doesn't fit the module.
        RnnvizError: where no window can be opened.
    """
    from rnnviz.model.pipeline import Pipeline

    choices: dict[str, Any] = {}
    if isinstance(module, Pipeline):
        from rnnviz.session.pipeline_adoption import adopt_pipeline

        choices = {"targets": targets, "lengths": lengths, "vocabulary": vocabulary}
        adopt_pipeline(module, input, hx=hx, **choices)
    else:
        from rnnviz.session.adoption import adopt_module

        # What doesn't fit is raised here, not shown there.
        adopt_module(module, input, hx)
    if reason := missing_display():
        raise RnnvizError(reason)
    from rnnviz import app

    if _loop_runs():
        return app.open_window(module=module, input=input, hx=hx, **choices)
    app.run(module=module, input=input, hx=hx, **choices)
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

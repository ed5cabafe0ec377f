"""How large a gradient is, in a few letters."""

from __future__ import annotations

import numpy as np

from rnnviz.figures.colorbar import plain
from rnnviz.figures.decoder.layout import Stage
from rnnviz.figures.decoder.vectors import Floats
from rnnviz.scene.marks import Anchor, Run, Text


def norm_text(
    stage: Stage, values: Floats, tensor: str, x: float, y: float, anchor: Anchor = "end"
) -> Text:
    """|∂h| 0.031, in the gradient's hue."""
    color = stage.style.role("gradient").text
    size = float(np.linalg.norm(values.astype(np.float64)))
    runs = (Run("|∂"), Run(tensor, italic=True), Run(f"|  {plain(size)}"))
    return Text(x, y, runs, color, stage.size(10.5), "math", anchor=anchor)

"""Encoders and decoders that the tests of their figure look at, and what they look for."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from rnnviz.element import Element
from rnnviz.figures.decoder import FIGURE, DecoderOptions
from rnnviz.figures.surroundings import Surroundings
from rnnviz.figures.view import Frame, View
from rnnviz.model.pipeline import OneHot, SequenceToSequence
from rnnviz.model.pipeline.decoded import SequenceToSequenceRun
from rnnviz.model.tokens import Vocabulary
from rnnviz.scene.marks import Mark, Path, Scene
from rnnviz.scene.style import load_style
from tests.figures.reading import flat

PANE = (1280.0, 720.0)
TOKENS = ("<pad>", "<s>", "</s>", "a", "b", "c", "d")
START, END, IGNORED = 1, 2, -100
SOURCE = torch.tensor([[3, 4], [5, 6], [4, 3], [6, 0]])  # (L, N), the second one shorter
TARGETS = torch.tensor([[6, 3], [4, 6], [5, 4], [3, 2], [2, IGNORED]])


def model_of(
    encoder: str = "GRU",
    decoder: str | None = None,
    *,
    layers: int = 1,
    hidden: int = 5,
    tokens: int = len(TOKENS),
    **options: Any,
) -> SequenceToSequence:
    """A model whose weights are plain ramps, the same on every machine."""
    kinds = {"RNN": nn.RNN, "LSTM": nn.LSTM, "GRU": nn.GRU}
    settings = {"num_layers": layers, "dtype": torch.float64, **options}
    made = [kinds[kind](4, hidden, **settings) for kind in (encoder, decoder or encoder)]
    width = options.get("proj_size") or hidden
    parts = [nn.Embedding(tokens, 4, dtype=torch.float64), *made]
    parts.append(nn.Linear(width, tokens, dtype=torch.float64))
    with torch.no_grad():
        for k, parameter in enumerate(p for part in parts for p in part.parameters()):
            ramp = torch.linspace(-1, 1, parameter.numel(), dtype=torch.float64)
            parameter.copy_(torch.sin(9 * ramp + k).reshape(parameter.shape) * 0.9)
    embedding, first, second, head = parts
    return SequenceToSequence(first, second, embedding, head, START, END)


def run_of(
    model: SequenceToSequence | None = None, *, forced: bool = True, targets: bool = True
) -> SequenceToSequenceRun:
    """A run on two sequences of unlike lengths."""
    made = model_of() if model is None else model
    asked = TARGETS if targets else None
    return made.run(
        SOURCE, asked, lengths=(4, 3), teacher_forcing=forced, steps=None if targets else 6
    )


def view_of(
    run: SequenceToSequenceRun,
    position: int | None = None,
    steps: int = 0,
    *,
    sequence: int | None = 0,
    returned: int | None = None,
    selection: Element | None = None,
) -> View:
    """A run at a moment; all of its encoder if no position is given."""
    whole = run.encoder.run
    assert whole is not None
    around = Surroundings(
        run.encoder,
        Vocabulary(TOKENS, padding="<pad>"),
        decoded=run,
        decoder_steps=steps,
        returned=returned,
    )
    shown = whole.at(whole.total if position is None else position)
    return View(shown, whole, sequence, selection, around=around)


def one_hot_model() -> SequenceToSequence:
    """One whose source is vectors, and whose decoder is fed one-hot rows."""
    count = len(TOKENS)
    encoder = nn.GRU(3, 5, dtype=torch.float64)
    decoder = nn.GRU(count, 5, dtype=torch.float64)
    head = nn.Linear(5, count, dtype=torch.float64)
    linear = nn.Linear(2, 3, dtype=torch.float64)
    return SequenceToSequence(encoder, decoder, linear, head, START, END, OneHot(count))


def built(
    view: View,
    pane: tuple[float, float] = PANE,
    theme: Any = "light",
    zoom: float = 1.0,
    corner: tuple[float, float] = (0.0, 0.0),
    **options: Any,
) -> Scene:
    """What a pane shows."""
    frame = Frame(*corner, *pane, zoom)
    return FIGURE.build(view, DecoderOptions(**options), frame, load_style(theme))


def page(view: View, **options: Any) -> Scene:
    """All of it, as an export draws it."""
    chosen = DecoderOptions(**options)
    frame = FIGURE.export_frame(view, chosen)
    return FIGURE.build(view, chosen, frame, load_style("light"))


def keyed(scene: Scene, kind: type[Mark], tensor: str) -> list[Any]:
    """The marks of a kind that stand for a tensor."""
    found: list[Any] = [mark for mark in flat(scene.marks) if isinstance(mark, kind)]
    return [mark for mark in found if mark.key is not None and mark.key.tensor == tensor]


def paths(scene: Scene, color: str) -> list[Path]:
    """The wires of a colour."""
    found = (mark for mark in flat(scene.marks) if isinstance(mark, Path))
    return [mark for mark in found if mark.stroke == color and mark.arrow]


def ends(path: Path) -> tuple[tuple[float, float], tuple[float, float]]:
    """Where a wire begins and ends."""
    points = [segment[-2:] for segment in path.segments if segment[0] != "Z"]
    (x0, y0), (x1, y1) = points[0], points[-1]
    return (float(x0), float(y0)), (float(x1), float(y1))

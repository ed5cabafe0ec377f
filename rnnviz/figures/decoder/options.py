"""What a person may choose of an encoder and a decoder."""

from __future__ import annotations

from dataclasses import dataclass, field

from rnnviz.figures.view import View


def _bars(view: View) -> list[tuple[str, str]]:
    return [("probabilities", "Probabilities"), ("scores", "Scores")]


@dataclass(frozen=True)
class DecoderOptions:
    """Choices of the figure of an encoder and a decoder.

    Attributes:
        bars: what stands above the decoder, "probabilities" or "scores".
        gates: the gates' strips within each card.
    """

    bars: str = field(default="probabilities", metadata={"label": "Bars", "choices": _bars})
    gates: bool = field(default=False, metadata={"label": "Gates"})

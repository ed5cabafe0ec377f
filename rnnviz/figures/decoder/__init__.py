"""An encoder and a decoder: one reads, hands its state over, and the other writes."""

from __future__ import annotations

from rnnviz.figures.decoder.figure import FIGURE, DecoderFigure
from rnnviz.figures.decoder.options import DecoderOptions

__all__ = ["FIGURE", "DecoderFigure", "DecoderOptions"]

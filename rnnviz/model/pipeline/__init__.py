"""What stands before and behind the recurrent layers, and all of it together as data."""

from __future__ import annotations

from rnnviz.model.pipeline.embedding import OneHot
from rnnviz.model.pipeline.encoder_decoder import SequenceToSequence
from rnnviz.model.pipeline.head import Head
from rnnviz.model.pipeline.loss import Loss
from rnnviz.model.pipeline.named import Named
from rnnviz.model.pipeline.pipeline import Pipeline
from rnnviz.model.pipeline.run import PipelineRun
from rnnviz.model.pipeline.vanilla import VanillaCell

__all__ = [
    "Head",
    "Loss",
    "Named",
    "OneHot",
    "Pipeline",
    "PipelineRun",
    "SequenceToSequence",
    "VanillaCell",
]

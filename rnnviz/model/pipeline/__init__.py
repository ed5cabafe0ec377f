"""What stands before and behind the recurrent layers, and all of it together as data."""

from __future__ import annotations

from rnnviz.model.pipeline.arrangements import arrange, pair_labels
from rnnviz.model.pipeline.embedding import OneHot
from rnnviz.model.pipeline.encoder_decoder import SequenceToSequence
from rnnviz.model.pipeline.head import Head
from rnnviz.model.pipeline.linear import linear_product
from rnnviz.model.pipeline.lookup import look_up
from rnnviz.model.pipeline.loss import Loss
from rnnviz.model.pipeline.named import Named
from rnnviz.model.pipeline.pairs import projection_beside_linear
from rnnviz.model.pipeline.pipeline import Pipeline
from rnnviz.model.pipeline.run import PipelineRun
from rnnviz.model.pipeline.vanilla import VanillaCell, same_numbers

__all__ = [
    "Head",
    "Loss",
    "Named",
    "OneHot",
    "Pipeline",
    "PipelineRun",
    "SequenceToSequence",
    "VanillaCell",
    "arrange",
    "linear_product",
    "look_up",
    "pair_labels",
    "projection_beside_linear",
    "same_numbers",
]

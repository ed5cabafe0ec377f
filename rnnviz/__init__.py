"""See every number of a real torch.nn.RNN, LSTM or GRU, one timestep at a time.

The names below are imported when they are first used: `import rnnviz` alone imports neither
torch nor numpy nor Qt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnviz.errors import FileError as FileError
    from rnnviz.errors import InputError as InputError
    from rnnviz.errors import RnnvizError as RnnvizError
    from rnnviz.errors import SpecError as SpecError
    from rnnviz.errors import UsageError as UsageError
    from rnnviz.files.vectors import read_vectors as read_vectors
    from rnnviz.model.clamps import Clamp as Clamp
    from rnnviz.model.differences import difference_run as difference_run
    from rnnviz.model.gradients.clipping import clip_norm as clip_norm
    from rnnviz.model.gradients.gradients import Gradients as Gradients
    from rnnviz.model.gradients.gradients import back as back
    from rnnviz.model.gradients.jacobians import jacobian as jacobian
    from rnnviz.model.gradients.jacobians import jacobian_norms as jacobian_norms
    from rnnviz.model.gradients.stepper import BackStepper as BackStepper
    from rnnviz.model.pipeline import Head as Head
    from rnnviz.model.pipeline import Loss as Loss
    from rnnviz.model.pipeline import OneHot as OneHot
    from rnnviz.model.pipeline import Pipeline as Pipeline
    from rnnviz.model.pipeline import PipelineRun as PipelineRun
    from rnnviz.model.pipeline import SequenceToSequence as SequenceToSequence
    from rnnviz.model.pipeline import VanillaCell as VanillaCell
    from rnnviz.model.pipeline import arrange as arrange
    from rnnviz.model.pipeline import linear_product as linear_product
    from rnnviz.model.pipeline import look_up as look_up
    from rnnviz.model.pipeline import pair_labels as pair_labels
    from rnnviz.model.pipeline import projection_beside_linear as projection_beside_linear
    from rnnviz.model.pipeline import same_numbers as same_numbers
    from rnnviz.model.sequences import PackingPlan as PackingPlan
    from rnnviz.model.spec import ModelSpec as ModelSpec
    from rnnviz.model.stepper import Stepper as Stepper
    from rnnviz.model.tokens import Vocabulary as Vocabulary
    from rnnviz.model.trace import Trace as Trace
    from rnnviz.model.trace import trace as trace
    from rnnviz.model.training.batch import Batch as Batch
    from rnnviz.model.training.fitting import pipeline_for as pipeline_for
    from rnnviz.model.training.fitting import sequence_to_sequence_for as sequence_to_sequence_for
    from rnnviz.model.training.loop import train as train
    from rnnviz.model.training.spec import TrainingSpec as TrainingSpec
    from rnnviz.model.training.tasks import Adding as Adding
    from rnnviz.model.training.tasks import Copy as Copy
    from rnnviz.model.training.tasks import NextWord as NextWord
    from rnnviz.model.training.tasks import Parity as Parity
    from rnnviz.model.training.tasks import Reverse as Reverse
    from rnnviz.model.training.tasks import Sine as Sine
    from rnnviz.notebook import show as show
    from rnnviz.pictures import export as export
    from rnnviz.pictures import figure as figure
    from rnnviz.recording import record as record

__version__ = "0.1.0"

_HOMES = {
    "Adding": "rnnviz.model.training.tasks",
    "BackStepper": "rnnviz.model.gradients.stepper",
    "Batch": "rnnviz.model.training.batch",
    "Clamp": "rnnviz.model.clamps",
    "Copy": "rnnviz.model.training.tasks",
    "FileError": "rnnviz.errors",
    "Gradients": "rnnviz.model.gradients.gradients",
    "Head": "rnnviz.model.pipeline",
    "InputError": "rnnviz.errors",
    "Loss": "rnnviz.model.pipeline",
    "ModelSpec": "rnnviz.model.spec",
    "NextWord": "rnnviz.model.training.tasks",
    "OneHot": "rnnviz.model.pipeline",
    "PackingPlan": "rnnviz.model.sequences",
    "Parity": "rnnviz.model.training.tasks",
    "Pipeline": "rnnviz.model.pipeline",
    "PipelineRun": "rnnviz.model.pipeline",
    "Reverse": "rnnviz.model.training.tasks",
    "RnnvizError": "rnnviz.errors",
    "SequenceToSequence": "rnnviz.model.pipeline",
    "Sine": "rnnviz.model.training.tasks",
    "SpecError": "rnnviz.errors",
    "Stepper": "rnnviz.model.stepper",
    "Trace": "rnnviz.model.trace",
    "TrainingSpec": "rnnviz.model.training.spec",
    "UsageError": "rnnviz.errors",
    "VanillaCell": "rnnviz.model.pipeline",
    "Vocabulary": "rnnviz.model.tokens",
    "arrange": "rnnviz.model.pipeline",
    "back": "rnnviz.model.gradients.gradients",
    "clip_norm": "rnnviz.model.gradients.clipping",
    "difference_run": "rnnviz.model.differences",
    "export": "rnnviz.pictures",
    "figure": "rnnviz.pictures",
    "jacobian": "rnnviz.model.gradients.jacobians",
    "jacobian_norms": "rnnviz.model.gradients.jacobians",
    "linear_product": "rnnviz.model.pipeline",
    "look_up": "rnnviz.model.pipeline",
    "pair_labels": "rnnviz.model.pipeline",
    "pipeline_for": "rnnviz.model.training.fitting",
    "projection_beside_linear": "rnnviz.model.pipeline",
    "read_vectors": "rnnviz.files.vectors",
    "same_numbers": "rnnviz.model.pipeline",
    "sequence_to_sequence_for": "rnnviz.model.training.fitting",
    "record": "rnnviz.recording",
    "show": "rnnviz.notebook",
    "trace": "rnnviz.model.trace",
    "train": "rnnviz.model.training.loop",
}

__all__ = [
    "Adding",
    "BackStepper",
    "Batch",
    "Clamp",
    "Copy",
    "FileError",
    "Gradients",
    "Head",
    "InputError",
    "Loss",
    "ModelSpec",
    "NextWord",
    "OneHot",
    "PackingPlan",
    "Parity",
    "Pipeline",
    "PipelineRun",
    "Reverse",
    "RnnvizError",
    "SequenceToSequence",
    "Sine",
    "SpecError",
    "Stepper",
    "Trace",
    "TrainingSpec",
    "UsageError",
    "VanillaCell",
    "Vocabulary",
    "arrange",
    "back",
    "clip_norm",
    "difference_run",
    "export",
    "figure",
    "jacobian",
    "jacobian_norms",
    "linear_product",
    "look_up",
    "pair_labels",
    "pipeline_for",
    "projection_beside_linear",
    "read_vectors",
    "record",
    "same_numbers",
    "sequence_to_sequence_for",
    "show",
    "trace",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""A model that fits a task."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import nn

from rnnviz.errors import SpecError
from rnnviz.model.building import draw_like
from rnnviz.model.pipeline.encoder_decoder import SequenceToSequence
from rnnviz.model.pipeline.head import Head
from rnnviz.model.pipeline.pipeline import Pipeline
from rnnviz.model.spec import ModelSpec
from rnnviz.model.training.task import Task
from rnnviz.model.training.tasks import Reverse


def pipeline_for(task: Task, spec: ModelSpec) -> Pipeline:
    """A pipeline for a task, its weights what a script draws after `torch.manual_seed`.

    No generator but its own is touched.

    Args:
        spec: of the recurrent layers. Its input_size is the embedding_dim where the task is of
            ids, and is put to the task's where it is of vectors.

    Raises:
        SpecError: for a task from sequence to sequence, which takes two models.
    """
    if not task.aligned:
        raise SpecError("task", expected="one target a timestep, or one in all", got=task)
    dtype = getattr(torch, spec.dtype)
    embedding = None
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(spec.seed)
        if task.vocabulary is not None:
            embedding = nn.Embedding(
                len(task.vocabulary), spec.input_size, task.vocabulary.padding_idx, dtype=dtype
            )
        elif task.input_size is not None:
            spec = spec.with_changes(input_size=task.input_size)
        recurrent = spec.build()
        torch.manual_seed(spec.seed)
        draw_like(recurrent)
        width = spec.num_directions * spec.output_size
        head = Head(nn.Linear(width, task.out_features, dtype=dtype), on=task.on)
    return Pipeline(embedding, spec, head, task.loss, seed=spec.seed)


def sequence_to_sequence_for(
    task: Reverse, encoder: ModelSpec, decoder: ModelSpec | None = None
) -> SequenceToSequence:
    """An encoder and a decoder for a task from sequence to sequence, with one table for both.

    No generator but its own is touched.

    Args:
        encoder: its input_size is the embedding_dim.
        decoder: the encoder's spec with the next seed if None.
    """
    decoder = replace(encoder, seed=encoder.seed + 1) if decoder is None else decoder
    dtype, vocabulary = getattr(torch, encoder.dtype), task.vocabulary
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(encoder.seed)
        embedding = nn.Embedding(
            len(vocabulary), encoder.input_size, vocabulary.padding_idx, dtype=dtype
        )
        head = nn.Linear(decoder.output_size, task.out_features, dtype=dtype)
    return SequenceToSequence(
        encoder, decoder, embedding, head, start=task.start_idx, end=task.end_idx
    )

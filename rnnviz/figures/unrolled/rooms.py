"""What stands in front of the recurrent layers and behind them, as far as it takes room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import nn

from rnnviz.model.pipeline.embedding import OneHot

if TYPE_CHECKING:
    from rnnviz.figures.surroundings import Surroundings
    from rnnviz.model.pipeline.pipeline import Pipeline

MOST_CLASSES = 64  # that have cells of their own in a column; of more it is the target alone


@dataclass(frozen=True, slots=True)
class Rooms:
    """What takes room below layer 0 and above the top layer.

    Attributes:
        front: what makes x of what is given: "embedding", "one-hot × Linear", "one-hot" or
            "Linear"; "" for nothing.
        tokens: whether ids are given.
        raw: features of the vectors that are given before a Linear layer; 0 for none.
        on: where the scores are made: at "every" timestep, at the "last" one or of "h_n"; "" for
            no scores.
        classes: C.
        bars: whether there are probabilities; else scores are a strip.
        named: whether the classes are tokens of the vocabulary.
        target: what the targets are: a "class", "values" of every class, or "" for none.
        loss: the kind of loss, "" for none.
        returning: whether the way back through time is on show.
    """

    front: str = ""
    tokens: bool = False
    raw: int = 0
    on: str = ""
    classes: int = 0
    bars: bool = False
    named: bool = False
    target: str = ""
    loss: str = ""
    returning: bool = False

    @property
    def below(self) -> bool:
        """Whether anything is given that is not x itself."""
        return self.tokens or self.raw > 0


NONE = Rooms()


def rooms_of(around: Surroundings | None) -> Rooms:
    """The rooms that a model's surroundings take."""
    if around is None or around.pr.run is None:
        return NONE
    pr, pipeline = around.pr, around.pr.pipeline
    shown = next((name for name in ("probabilities", "scores") if name in pr.tensors), "")
    loss = "" if pipeline.loss is None or pr.loss is None else pipeline.loss.kind
    target = "" if not loss else "class" if loss == "cross_entropy" else "values"
    return Rooms(
        front=front_of(pipeline),
        tokens="ids" in pr.tensors,
        raw=_raw(around),
        on=("every" if pipeline.head is None else pipeline.head.on) if shown else "",
        classes=pr.tensors[shown].tensor.shape[-1] if shown else 0,
        bars=shown == "probabilities",
        named=bool(around.classes) and around.vocabulary is not None and _same(around),
        target=target,
        loss=loss,
        returning=around.returned is not None and around.gradients is not None,
    )


def front_of(pipeline: Pipeline) -> str:
    """What stands in front, in a word or two."""
    front = pipeline.embedding
    if isinstance(front, nn.Embedding):
        return "embedding"
    if isinstance(front, OneHot):
        return "one-hot" if front.linear is None else "one-hot × Linear"
    return "Linear" if isinstance(front, nn.Linear) else ""


def _raw(around: Surroundings) -> int:
    tensors = around.pr.tensors
    if "input" not in tensors or "embedded" not in tensors:
        return 0
    return tensors["input"].tensor.shape[-1]


def _same(around: Surroundings) -> bool:
    assert around.vocabulary is not None
    return around.classes is around.vocabulary.tokens or around.classes == around.vocabulary.tokens

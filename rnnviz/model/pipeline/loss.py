"""The loss, with what torch's own does unseen: the flattening, and what is left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from rnnviz.errors import InputError, SpecError
from rnnviz.model.pipeline.named import place_text, shape_text

KINDS = ("cross_entropy", "mse", "bce")
REDUCTIONS = ("mean", "sum")


@dataclass(frozen=True, eq=False)
class Loss:
    """What is compared with the targets, and how.

    Args:
        kind: "cross_entropy" of scores and class ids, as `nn.CrossEntropyLoss`; "mse", as
            `nn.MSELoss`; "bce", as `nn.BCELoss` of probabilities, or as `nn.BCEWithLogitsLoss`
            of scores where the head has no activation.
        ignore_index: the class id whose positions don't count; of cross-entropy alone.
        reduction: "mean" or "sum" of what counts.
        weight: of each class, (C,); of cross-entropy alone.
        label_smoothing: from 0 to 1; of cross-entropy alone.

    Raises:
        SpecError: for another choice.
    """

    kind: str
    ignore_index: int = -100
    reduction: str = "mean"
    weight: Tensor | None = None
    label_smoothing: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise SpecError("loss", expected="'cross_entropy', 'mse' or 'bce'", got=repr(self.kind))
        if self.reduction not in REDUCTIONS:
            raise SpecError("reduction", expected="'mean' or 'sum'", got=repr(self.reduction))
        if not 0 <= self.label_smoothing <= 1:
            raise SpecError(
                "label_smoothing", expected="a number from 0 to 1", got=self.label_smoothing
            )
        if self.kind != "cross_entropy" and (self.weight is not None or self.label_smoothing):
            name = "label_smoothing" if self.weight is None else "weight"
            raise SpecError(name, expected="cross_entropy, which alone has it", got=self.kind)

    @property
    def takes_classes(self) -> bool:
        """Whether targets are class ids."""
        return self.kind == "cross_entropy"

    def takes_probabilities(self, activation: str | None) -> bool:
        """Whether what the head's activation gives is compared, rather than the scores."""
        return activation is not None and not self.takes_classes

    def check_activation(self, activation: str | None) -> None:
        """Refuse a head that this loss does not go with.

        Raises:
            SpecError: for a sigmoid before cross-entropy, which takes the softmax of scores.
        """
        if self.takes_classes and activation == "sigmoid":
            raise SpecError(
                "activation", expected="None or 'softmax' before cross_entropy", got="'sigmoid'"
            )

    def flat_targets(self, targets: Tensor, scores: Tensor, kept: Tensor) -> Tensor:
        """The targets as one row a position, as the scores are flattened.

        Args:
            targets: class ids of the scores' shape without C, or values of the scores' whole
                shape; or already flat.
            scores: (…, C).
            kept: (rows,) bool, False at padding. A class id there becomes `ignore_index`.

        Returns:
            (rows,) int64, or (rows, C).

        Raises:
            InputError: for another shape, a class that there is not, no class at all, or values
                that are no numbers or, of bce, no probabilities.
        """
        flat = self._of_shape(targets, tuple(scores.shape))
        if not self.takes_classes:
            self._check_values(flat, targets, scores.dtype, kept)
            return flat
        self._check_classes(flat, targets, scores.shape[-1], kept)
        return torch.where(kept, flat.long(), self.ignore_index)

    def counts(self, flat_targets: Tensor, kept: Tensor) -> Tensor:
        """Which rows count: (rows,) bool."""
        return kept & (flat_targets != self.ignore_index) if self.takes_classes else kept

    def each(self, flat: Tensor, flat_targets: Tensor, kept: Tensor, activated: bool) -> Tensor:
        """The loss of each row: (rows,), or (rows, C) but for cross-entropy; 0 at padding."""
        if self.takes_classes:
            return self._cross_entropy(flat, flat_targets, "none")
        safe = torch.where(kept[:, None], flat_targets, 0.0)
        losses = self._plain(flat, safe, "none", activated)
        return torch.where(kept[:, None], losses, 0.0)

    def reduce(self, flat: Tensor, flat_targets: Tensor, kept: Tensor, activated: bool) -> Tensor:
        """The loss of all rows that count: ()."""
        if self.takes_classes:
            return self._cross_entropy(flat, flat_targets, self.reduction)
        if not bool(kept.all()):
            flat, flat_targets = flat[kept], flat_targets[kept]
        return self._plain(flat, flat_targets, self.reduction, activated)

    def _cross_entropy(self, flat: Tensor, flat_targets: Tensor, reduction: str) -> Tensor:
        return functional.cross_entropy(
            flat,
            flat_targets,
            weight=self.weight,
            ignore_index=self.ignore_index,
            reduction=reduction,
            label_smoothing=self.label_smoothing,
        )

    def _plain(self, flat: Tensor, targets: Tensor, reduction: str, activated: bool) -> Tensor:
        call: Any = functional.mse_loss
        if self.kind == "bce":
            call = functional.binary_cross_entropy_with_logits
            if activated:
                call = functional.binary_cross_entropy
        result: Tensor = call(flat, targets, reduction=reduction)
        return result

    def _of_shape(self, targets: Tensor, shape: tuple[int, ...]) -> Tensor:
        wanted = shape[:-1] if self.takes_classes else shape
        rows = 1
        for size in shape[:-1]:
            rows *= size
        flat = (rows,) if self.takes_classes else (rows, shape[-1])
        if tuple(targets.shape) not in (wanted, flat):
            either = shape_text(wanted) + ("" if wanted == flat else f" or flat {shape_text(flat)}")
            raise InputError("targets", expected=either, got=shape_text(targets.shape))
        return targets.reshape(flat)

    def _check_classes(self, flat: Tensor, targets: Tensor, classes: int, kept: Tensor) -> None:
        if targets.is_floating_point() or targets.is_complex() or targets.dtype == torch.bool:
            raise InputError("targets", expected="class ids (whole numbers)", got=targets.dtype)
        wrong = kept & ((flat < 0) | (flat >= classes)) & (flat != self.ignore_index)
        if bool(wrong.any()):
            raise InputError(
                "targets",
                expected=f"classes 0 to {classes - 1}, or {self.ignore_index} to ignore",
                got=_first(wrong, flat, targets),
            )
        if self.reduction == "mean" and not bool((kept & (flat != self.ignore_index)).any()):
            raise InputError("targets", expected="at least one that is not ignored", got="none")

    def _check_values(
        self, flat: Tensor, targets: Tensor, dtype: torch.dtype, kept: Tensor
    ) -> None:
        if targets.dtype != dtype:
            raise InputError("targets", expected=f"{dtype}, that of the scores", got=targets.dtype)
        wrong = ~flat.isfinite()
        expected = "finite numbers"
        if self.kind == "bce":
            wrong, expected = ~((flat >= 0) & (flat <= 1)), "numbers from 0 to 1"
        wrong = wrong & kept[:, None]
        if bool(wrong.any()):
            raise InputError("targets", expected=expected, got=_first(wrong, flat, targets))


def _first(wrong: Tensor, flat: Tensor, targets: Tensor) -> str:
    """The first wrong target and its place in the form in which they were given."""
    index = tuple(wrong.view(targets.shape).nonzero()[0].tolist())
    return f"{targets[index].item()} at {place_text('targets', index)}"

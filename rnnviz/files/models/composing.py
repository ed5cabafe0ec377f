"""Weights that a file holds in parts, because the model computes them before every call."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


class UnsoundError(Exception):
    """Why tensors of the right names are no recurrent layer."""


def composed(kind: str, parts: Mapping[str, Floats]) -> tuple[Floats, tuple[str, ...]]:
    """The weight that the model uses, and what is to be said of it.

    Raises:
        UnsoundError: where the parts don't say how.
    """
    known = _WAYS.get(frozenset(parts))
    if known is None:
        raise UnsoundError(
            f"{kind} is computed by a parametrization that the file does not name: remove it "
            "before saving (torch.nn.utils.parametrize.remove_parametrizations)"
        )
    compose, sentence = known
    weight = compose(kind, parts)
    return weight, (sentence.format(kind=kind),) if sentence else ()


def _whole(kind: str, parts: Mapping[str, Floats]) -> Floats:
    return parts[""]


def _weight_norm(kind: str, parts: Mapping[str, Floats]) -> Floats:
    g, v = (
        parts.get(new, parts.get(old)) for new, old in (("original0", "_g"), ("original1", "_v"))
    )
    assert g is not None
    assert v is not None
    axes = {
        (*v.shape[:1], *(1,) * (v.ndim - 1)): tuple(range(1, v.ndim)),  # dim=0, torch's default
        (1, *v.shape[1:]): (0,),  # dim=1
        (): None,  # dim=None
    }
    if v.ndim != 2 or g.shape not in axes:
        raise UnsoundError(f"{kind} has parts of shapes {g.shape} and {v.shape}: no weight_norm")
    norm = np.sqrt(np.sum(np.square(v), axis=axes[g.shape], keepdims=g.ndim > 0, dtype=v.dtype))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(v * (g / norm), dtype=v.dtype)


def _pruned(kind: str, parts: Mapping[str, Floats]) -> Floats:
    if parts["_mask"].shape != parts["_orig"].shape:
        raise UnsoundError(f"the mask of {kind} has another shape than {kind} itself")
    return parts["_orig"] * parts["_mask"]


_Compose = Callable[[str, Mapping[str, Floats]], Floats]
_WAYS: dict[frozenset[str], tuple[_Compose, str]] = {
    frozenset({""}): (_whole, ""),
    frozenset({"original0", "original1"}): (
        _weight_norm,
        "{kind} composed of the direction and the length that weight_norm keeps.",
    ),
    frozenset({"_g", "_v"}): (
        _weight_norm,
        "{kind} composed of the direction and the length that weight_norm keeps.",
    ),
    frozenset({"_orig", "_mask"}): (_pruned, "{kind} composed of what pruning keeps and its mask."),
}

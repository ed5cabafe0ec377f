"""What the copied script calls the tensors and parameters of a run."""

from __future__ import annotations

from rnnviz.model.pipeline import decoding_code, keeping
from rnnviz.model.provenance.around.whole import Half, Whole

_ENCODED = {"output": "encoded", "h_n": "h_0", "c_n": "c_0"}
_DECODED = ("scores", "probabilities", "flat_scores", "loss", "targets", "h_0", "c_0")
_FORCED = ("ids", "output")
_MODULES = {"encoder": {"recurrent": "encoder"}, "decoder": {"recurrent": "decoder"}}


def tensor_name(whole: Whole, name: str) -> str:
    """The expression that is a tensor there; "" where the script has none."""
    if name.startswith("flat_"):
        flat = next((key for key in whole.pr.tensors if key == name), "")
        if whole.half is None:
            return flat
        return "targets.reshape(-1)" if flat == "flat_targets" else flat
    if whole.half is None:
        return name
    if whole.half.side == "decoder":
        known = (*_DECODED, *_FORCED) if whole.half.run.forced else _DECODED
        return name if name in known else ""
    return "source" if name == next(iter(whole.pr.tensors)) else _ENCODED.get(name, "")


def keeps_grad(whole: Whole, name: str) -> bool:
    """Whether a tensor's `.grad` is there when the script has run."""
    if whole.half is None:
        return name in keeping.kept(whole.pr)
    return tensor_name(whole, name) in decoding_code.kept(whole.half.run)


def parameter_name(whole: Whole, name: str) -> str:
    """A parameter by its module's name there.

    Args:
        name: as the pipeline, or of the recurrent layers PyTorch, has it.
    """
    if name not in whole.pr.weights:
        name = f"recurrent.{name}"
    if whole.half is None:
        return name
    part, _, rest = name.partition(".")
    return f"{_part(whole.half, part)}.{rest}"


def gets_own_grad(whole: Whole, name: str) -> bool:
    """Whether a parameter's `.grad` is what its place in the model contributes, and is kept."""
    name = name if name in whole.pr.weights else f"recurrent.{name}"
    live = {key for key, weight in whole.pr.pipeline.named_parameters() if weight.requires_grad}
    if name not in live:
        return False
    shared = whole.half is not None and whole.half.run.model.embeddings_are_one
    return not (shared and name.startswith("embedding."))


def _part(half: Half, part: str) -> str:
    if part == "embedding" and half.side == "decoder":
        return "embedding" if half.run.model.embeddings_are_one else "target_embedding"
    return _MODULES[half.side].get(part, part)

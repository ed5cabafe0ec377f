"""Torch as it is by itself, whatever the caller has switched on around a call."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def plain_arithmetic() -> Iterator[None]:
    """No gradients, no autocast, and tensors that may be written to later on."""
    if _is_plain():  # inside another of these, mostly: entering three contexts is dear
        yield
        return
    with torch.inference_mode(False), torch.no_grad(), torch.autocast("cpu", enabled=False):
        yield


def _is_plain() -> bool:
    return not (
        torch.is_grad_enabled()
        or torch.is_inference_mode_enabled()
        or torch.is_autocast_enabled("cpu")
    )


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch's own threads at rest: for many small calls they fight over, beside other work."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)

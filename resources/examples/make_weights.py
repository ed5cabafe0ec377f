"""Train the models of the examples that come trained, and write their weights beside them.

Run it again when one of these examples changes: `python resources/examples/make_weights.py`,
with keys for some of them alone. It takes about a minute on two cores; the same versions of
torch give the same weights.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from rnnviz.model.training.batch import Batch
from rnnviz.model.training.loop import train
from rnnviz.session.edits import with_model
from rnnviz.session.example_documents import document_of
from rnnviz.session.learning import data_of, learned
from rnnviz.session.state import Document

HERE = Path(__file__).resolve().parent

RECALL_STEPS, RECALL_BATCH, FORGET_BIAS = 520, 64, 2.0


def stated(key: str) -> Document:
    """An example's document, its weights as they are drawn."""
    parts = json.loads((HERE / f"{key}.json").read_text("utf-8"))
    return document_of(key, {k: v for k, v in parts.items() if k not in ("weights", "rivals")})


def write(name: str, modules: Mapping[str, nn.Module]) -> None:
    """Write the weights of modules by the names that a document has for them."""
    weights = {
        f"{part}.{each}": weight.detach().numpy()
        for part, module in modules.items()
        for each, weight in module.named_parameters()
    }
    np.savez_compressed(HERE / f"{name}.npz", **weights)


def learn(
    document: Document,
    batches: Iterator[Batch] | None = None,
    begin: Callable[[Any], None] | None = None,
    **choices: Any,
) -> Mapping[str, nn.Module]:
    """A document's model, trained on its own input or task, or on other batches.

    Args:
        document: what is trained; it stays as it is.
        batches: None for its own.
        begin: what is done to the recurrent module before.
        choices: of the training.
    """
    model = learned(document)
    if begin is not None:
        begin(model.modules["recurrent"])
    training = train(model, batches or data_of(document), **choices).run()
    sys.stdout.write(f"{document.title}, {document.spec.cell}: loss {training.losses[-1]:.4f}\n")
    return model.modules


def hello() -> None:
    """The next letter of one word."""
    write("hello", learn(stated("hello"), lr=0.02, steps=35))


def recall() -> None:
    """The first token at the end, of sequences that grow to their full length meanwhile."""
    document = stated("recall")
    choices = {"lr": 0.02, "steps": RECALL_STEPS, "clip": 1.0}
    write("recall", learn(document, firsts(document), open_forget_gates, **choices))
    rival = with_model(document, cell="RNN")
    write("recall-rnn", learn(rival, firsts(rival), **choices))


def open_forget_gates(lstm: nn.LSTM) -> None:
    """Forget gates that begin nearly open."""
    size = lstm.hidden_size
    with torch.no_grad():
        for layer in range(lstm.num_layers):
            getattr(lstm, f"bias_ih_l{layer}")[size : 2 * size] += FORGET_BIAS


def firsts(document: Document) -> Iterator[Batch]:
    """Sequences of random tokens, each with its first one as the class of the end."""
    assert document.front is not None
    generator = torch.Generator().manual_seed(document.spec.seed)
    for step in range(RECALL_STEPS):
        grown = (document.L - 2) * step / (0.75 * RECALL_STEPS)
        shape = RECALL_BATCH, min(2 + int(grown), document.L)
        ids = torch.randint(document.front.size, shape, generator=generator)
        yield Batch(ids, ids[:, 0])


def reverse() -> None:
    """Sequences of symbols in the opposite order."""
    choices = {"lr": 0.005, "steps": 1500, "clip": 1.0, "batch_size": 64}
    write("reverse", learn(stated("reverse"), **choices))


MADE = {"hello": hello, "recall": recall, "reverse": reverse}


def main(keys: list[str]) -> None:
    """Train those that are named, or all."""
    for key in keys or MADE:
        MADE[key]()


if __name__ == "__main__":
    main(sys.argv[1:])

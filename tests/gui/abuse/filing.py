"""Events that read and write files: sessions, weights, values, pictures, and files that lie."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from rnnviz.files.saving import save_array, save_weights
from rnnviz.model.spec import ModelSpec
from tests.files import fuzz
from tests.files.hostile import corpus
from tests.gui.abuse.stage import Event, NotNowError, Stage

_PICTURES = (".png", ".svg", ".pdf")
_MUTANTS = 20


def make_files(folder: Path) -> list[Path]:
    """Files that can be opened, and files that only look like that.

    Args:
        folder: an empty one.
    """
    hostile = folder / "hostile"
    hostile.mkdir()
    cases = corpus(hostile, folder / "canary")
    spec = ModelSpec("GRU", 3, 5, num_layers=2, bidirectional=True)
    weights = {name: value.detach().numpy() for name, value in spec.build().named_parameters()}
    values = np.random.default_rng(0).random((12, 3))
    good = [folder / name for name in ("good.pt", "good.safetensors", "good.npy", "good.csv")]
    for path in good[:2]:
        save_weights(path, weights)
    for path in good[2:]:
        save_array(path, values)
    session = fuzz.saved(".rnnviz", folder)
    good += [folder / "good.rnnviz"] * 3  # opened as often as the others together
    good[-1].write_bytes(session)
    mutants = []
    for number in range(_MUTANTS):
        mutants.append(folder / f"mutant{number}.rnnviz")
        mutants[-1].write_bytes(fuzz.mutant(session, Random(number)))
    return good * 20 + mutants + [case.path for case in cases]


def open_file(stage: Stage) -> None:
    files, chance = stage.bench.files, stage.chance
    stage.burst(lambda: files.open(chance.choice(stage.files)))


def load(stage: Stage) -> None:
    session, path = stage.session, stage.chance.choice(stage.files)
    deeds = (session.load_values, session.load_ids, session.load_targets, session.load_table)
    stage.chance.choice((*deeds, session.load_vectors))(path)


def save(stage: Stage) -> None:
    session, path = stage.session, stage.folder / f"saved{stage.chance.randrange(4)}.rnnviz"
    layout: dict[str, Any] = {}
    stage.burst(lambda: session.save(path, layout, over=stage.chance.random() < 0.5))
    stage.files.append(path)


def save_nowhere(stage: Stage) -> None:
    """Where nothing can be written."""
    stage.session.save(stage.folder / "none" / "saved.rnnviz")


def save_for_others(stage: Stage) -> None:
    session, chance, folder = stage.session, stage.chance, stage.folder
    chosen = session.state.selection
    which = chance.choice((".pt", ".safetensors", ".py", ".npy", ".csv"))
    path = folder / f"for-others{which}"
    if which == ".py":
        session.save_script(path)
    elif which in (".pt", ".safetensors"):
        session.save_weights(path)
    elif chosen is not None:
        session.save_values(path, chosen, whole=chance.random() < 0.5)


def export(stage: Stage) -> None:
    """Exports the figure; the dialog is left, closed or cancelled at any moment."""
    dialog = stage.bench.export()
    if dialog is None:
        raise NotNowError
    chance = stage.chance
    dialog.export_to(stage.folder / f"picture{chance.choice(_PICTURES)}")
    chance.choice((dialog.reject, dialog.close, lambda: None))()


def copy(stage: Stage) -> None:
    bench = stage.bench
    stage.chance.choice((bench.copy_picture, bench.copy_value, bench.shapes.copy))()


EVENTS: tuple[tuple[int, Event], ...] = (
    (5, open_file), (2, load), (4, save), (1, save_nowhere), (2, save_for_others), (4, export),
    (1, copy),
)  # fmt: skip

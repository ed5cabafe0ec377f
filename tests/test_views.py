"""Pictures of whole models from Python: where, how far, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from torch import nn

import rnnviz
from rnnviz.errors import UsageError
from rnnviz.figures import figure_names, get_figure
from rnnviz.figures.view import applies_to
from rnnviz.model.pipeline.decoded import SequenceToSequenceRun
from rnnviz.model.tokens import Vocabulary
from rnnviz.viewing import Naming, Place, view_of

WORDS = Vocabulary(("h", "e", "l", "o"), by="characters")


def letters(cell: type[nn.RNN | nn.LSTM] = nn.LSTM, *, head: bool = True) -> rnnviz.PipelineRun:
    torch.manual_seed(0)
    made = rnnviz.Pipeline(
        nn.Embedding(4, 3),
        cell(3, 5),
        nn.Linear(5, 4) if head else None,
        "cross_entropy" if head else None,
    )
    ids = torch.tensor([[0], [1], [2], [2], [3]])
    targets = torch.tensor([[1], [2], [2], [3], [-100]]) if head else None
    return made.run(ids, targets)


def writer() -> SequenceToSequenceRun:
    torch.manual_seed(0)
    model = rnnviz.SequenceToSequence(
        nn.GRU(3, 5), nn.GRU(3, 5), nn.Embedding(6, 3), nn.Linear(5, 6), start=4, end=5
    )
    ids = torch.tensor([[0], [1], [2]])
    return model.run(ids, torch.tensor([[2], [1], [0], [5]]))


def test_every_figure_that_applies_is_drawn_at_every_place(tmp_path: Path) -> None:
    pr = letters()
    view = view_of(pr, Place(), naming=Naming(WORDS))
    names = [name for name in figure_names() if applies_to(get_figure(name), view)]
    assert {"unrolled", "lookup", "linear", "scores", "gradients"} <= set(names)
    for name in names:
        for step, back in ((0, None), (2, None), (5, 0), (5, 3)):
            made = rnnviz.figure(pr, name, step, back=back, vocabulary=WORDS)
            assert made.scene.marks
    rnnviz.export(pr, tmp_path / "letters.svg", "scores", vocabulary=WORDS)
    assert "flat_scores" in (tmp_path / "letters.svg").read_text("utf-8")


def test_tokens_and_classes_bear_their_names() -> None:
    text = rnnviz.figure(letters(), "unrolled", vocabulary=WORDS)._repr_svg_()
    found = re.findall(r">([helo])<", text)
    assert set(found) == {"h", "e", "l", "o"}


def test_a_decoder_goes_on_where_the_encoder_ends() -> None:
    run = writer()
    for step, of_encoder, of_decoder in ((0, 0, 0), (3, 3, 0), (5, 3, 2), (None, 3, 4)):
        view = view_of(run, Place(step))
        assert view.around is not None
        assert (view.run.position, view.around.decoder_steps) == (of_encoder, of_decoder)
        assert rnnviz.figure(run, "decoder", step).scene.marks
    assert rnnviz.figure(run, "decoder", back=6).scene.marks


def test_without_recurrent_layers_steps_are_timesteps() -> None:
    pr = rnnviz.Pipeline(nn.Embedding(4, 3)).run(torch.tensor([[0, 1], [2, 3]]))
    view = view_of(pr, Place(1))
    assert view.trace is None
    assert view.around is not None
    assert view.around.position == 1
    assert rnnviz.figure(pr, "lookup", 1).scene.marks


def test_a_difference_is_of_all_numbers() -> None:
    first = letters()
    torch.manual_seed(0)
    with torch.no_grad():
        head = first.pipeline.head
        assert head is not None
        head.linear.bias.add_(1.0)
    second = first.pipeline.run(first.ids, first.tensors["targets"].tensor)
    view = view_of(second, Place(), original=first, showing="difference")
    assert view.around is not None
    scores = view.around.pr.scores
    assert scores is not None
    torch.testing.assert_close(scores, torch.ones_like(scores))
    assert rnnviz.figure(second, "scores", original=first, showing="difference").scene.marks


@pytest.mark.parametrize(
    ("choices", "word"),
    [
        ({"name": "decoder"}, "decoder"),
        ({"name": "lookup", "step": 9}, "step"),
        ({"name": "unrolled", "back": 9}, "back"),
        ({"name": "unrolled", "sequence": 1}, "sequence"),
        ({"name": "scores", "showing": "old"}, "original"),
    ],
)
def test_what_there_is_not_is_refused(choices: dict[str, object], word: str) -> None:
    with pytest.raises(UsageError, match=word):
        rnnviz.figure(letters(), **choices)  # type: ignore[arg-type]


def test_the_way_back_needs_a_loss() -> None:
    with pytest.raises(UsageError, match="back: expected a run with a loss"):
        rnnviz.figure(letters(head=False), "unrolled", back=0)


def test_a_rival_is_named_by_its_cell() -> None:
    text = rnnviz.figure(letters(), "gradients", rival=letters(nn.RNN), compare="RNN")._repr_svg_()
    assert "nn.RNN" in text

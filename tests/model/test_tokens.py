"""Vocabularies: ids both ways, text to ids and back, and what does not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from rnnviz.errors import InputError
from rnnviz.model.texts import spaced, split
from rnnviz.model.tokens import Vocabulary

SPECIAL = Vocabulary(("<pad>", "<unk>", "hello", "world"), padding="<pad>", unknown="<unk>")

texts = st.lists(
    st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda text: text.split()),
    min_size=1,
    max_size=5,
)


def test_ids_are_places() -> None:
    vocabulary = Vocabulary(("hello", "world"))
    assert vocabulary.ids == {"hello": 0, "world": 1}
    assert len(vocabulary) == 2
    assert (vocabulary.padding_idx, vocabulary.unknown_idx) == (None, None)
    assert "world" in vocabulary
    assert list(vocabulary) == ["hello", "world"]
    assert vocabulary.encode("world hello").ids.tolist() == [[1, 0]]
    assert vocabulary == Vocabulary(["hello", "world"])  # type: ignore[arg-type]
    assert hash(vocabulary) == hash(Vocabulary(("hello", "world")))


def test_batch_is_padded_and_strange_words_are_unknown() -> None:
    ids, lengths = SPECIAL.encode(["hello big world", "hello"])
    assert ids.tolist() == [[2, 1, 3], [2, 0, 0]]
    assert ids.dtype == torch.int64
    assert lengths == (3, 1)
    assert SPECIAL.decode(ids) == ["hello <unk> world", "hello"]
    assert SPECIAL.decode(ids, lengths=(2, 3)) == ["hello <unk>", "hello <pad> <pad>"]
    assert SPECIAL.lookup(ids[1]) == [["hello", "<pad>", "<pad>"]]
    assert SPECIAL.decode(np.array([3, 2])) == ["world hello"]
    assert SPECIAL.encode([["world"], ["hello"]]).ids.tolist() == [[3], [2]]
    assert SPECIAL.id_of("nothing") == 1


def test_its_ids_fit_a_table() -> None:
    table = nn.Embedding(len(SPECIAL), 5, padding_idx=SPECIAL.padding_idx)
    ids, _ = SPECIAL.encode(["hello world", "world"])
    assert table(ids).shape == (2, 2, 5)
    assert not table(ids)[1, 1].any()


@given(texts, st.sampled_from(["words", "characters"]))
def test_text_comes_back(texts: list[str], by: str) -> None:
    vocabulary = Vocabulary.of(texts, by, padding="<pad>")
    decoded = vocabulary.decode(vocabulary.encode(texts).ids)
    assert [split(text, by) for text in decoded] == [split(text, by) for text in texts]


@given(texts, st.sampled_from(["appearance", "frequency", "alphabet"]))
def test_built_from_text(texts: list[str], order: str) -> None:
    words = [word for text in texts for word in text.split()]
    vocabulary = Vocabulary.of(texts, order=order)
    assert sorted(vocabulary) == sorted(set(words))
    keys = {
        "appearance": words.index,
        "frequency": lambda word: -words.count(word),
        "alphabet": str,
    }
    assert list(vocabulary) == sorted(vocabulary, key=keys[order])


def test_only_the_most_frequent_are_kept() -> None:
    text = "c a a b b b d"
    assert Vocabulary.of(text, min_count=2).tokens == ("a", "b")
    assert Vocabulary.of(text, max_size=3, unknown="?").tokens == ("?", "a", "b")
    assert Vocabulary.of("? a", unknown="?").tokens == ("?", "a")
    assert Vocabulary.of("abca", "characters").tokens == ("a", "b", "c")


def test_edited_by_making_new_ones() -> None:
    assert SPECIAL.adding("big", "small").tokens[-2:] == ("big", "small")
    assert SPECIAL.adding("big", at=0).ids["big"] == 0
    less = SPECIAL.removing("<unk>", "hello")
    assert (less.tokens, less.padding, less.unknown) == (("<pad>", "world"), "<pad>", None)
    renamed = SPECIAL.renaming("<pad>", "_")
    assert (renamed.padding, renamed.padding_idx) == ("_", 0)
    moved = SPECIAL.moving("world", 0)
    assert moved.tokens == ("world", "<pad>", "<unk>", "hello")
    assert moved.padding_idx == 1
    assert moved.rows_from(SPECIAL) == (3, 0, 1, 2)
    assert SPECIAL.adding("big", at=1).rows_from(SPECIAL) == (0, None, 1, 2, 3)


def test_punctuation_parts_from_words() -> None:
    assert spaced("Hello, world! Don't stop.") == "hello , world ! don't stop ."


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"tokens": ()}, "tokens: expected at least one, got none"),
        ({"tokens": "abc"}, "tokens: expected a sequence of tokens, got 'abc'"),
        ({"tokens": None}, "tokens: expected a sequence of tokens, got None"),
        ({"tokens": ("a", "b", "a")}, "tokens: expected each token once, got 'a' with ids 0 and 2"),
        ({"tokens": ("a", "")}, "tokens: expected text that is not empty, got '' with id 1"),
        ({"tokens": (1,)}, "tokens: expected text that is not empty, got 1 with id 0"),
        ({"tokens": ("a b",)}, "tokens: expected words without white space, got 'a b' with id 0"),
        ({"tokens": ("a",), "padding": "_"}, "padding: expected one of the tokens, or none"),
        ({"tokens": ("a",), "unknown": "?"}, "unknown: expected one of the tokens, or none"),
        ({"tokens": ("a",), "by": "bytes"}, "by: expected one of words, characters, got 'bytes'"),
    ],
)
def test_what_is_no_vocabulary(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message.replace("?", r"\?")):
        Vocabulary(**arguments)


@pytest.mark.parametrize(
    ("given_texts", "message"),
    [
        (["a b", "a z b"], "'z', token 1 of text 1"),
        (["a", "  "], "texts: expected some words, got none in text 1"),
        ([], "texts: expected at least one, got none"),
        (["a", "a b"], "one length, or a vocabulary with a padding token, got lengths 1, 2"),
    ],
)
def test_texts_that_do_not_fit(given_texts: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Vocabulary(("a", "b")).encode(given_texts)


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ([[0, 1], [1, 4]], "ids: expected 0 to 3, got 4, token 1 of text 1"),
        ([-1], "ids: expected 0 to 3, got -1, token 0 of text 0"),
        (torch.tensor([0.5]), "ids: expected whole numbers"),
        (torch.tensor(1), r"ids: expected \(N, L\) or \(L,\)"),
        ("12", r"ids: expected \(N, L\) or \(L,\)"),
        ([[[1]]], "ids: expected whole numbers"),
    ],
)
def test_ids_that_do_not_fit(ids: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        SPECIAL.decode(ids)


def test_edits_that_do_not_fit() -> None:
    with pytest.raises(InputError, match="token: expected one of the vocabulary, got 'no'"):
        SPECIAL.removing("no")
    with pytest.raises(InputError, match="id: expected 0 to 3, got 4"):
        SPECIAL.moving("hello", 4)
    with pytest.raises(InputError, match="each token once"):
        SPECIAL.renaming("hello", "world")
    with pytest.raises(InputError, match="at least one"):
        Vocabulary(("a",)).removing("a")

"""Word vectors from files, sound and broken."""

from __future__ import annotations

import os
import re
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnnviz.errors import FileError, InputError
from rnnviz.files import vectors
from rnnviz.files.vectors import read_vectors
from rnnviz.model.engine import Cancelled
from rnnviz.model.tokens import Vocabulary

GLOVE = "the 0.1 -2 3e-1\nhello 1 2 3\nworld 4 5 6\n"


def saved(folder: Path, text: str | bytes) -> Path:
    path = folder / "vectors.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_read_for_a_vocabulary(tmp_path: Path) -> None:
    vocabulary = Vocabulary(("<pad>", "world", "the"), padding="<pad>")
    found = read_vectors(saved(tmp_path, GLOVE), vocabulary)
    assert found.words == vocabulary.tokens
    assert found.values.tolist() == [[0, 0, 0], [4, 5, 6], [0.1, -2, 0.3]]
    assert found.found.tolist() == [False, True, True]
    assert found.missing == ("<pad>",)
    assert (found.embedding_dim, found.count) == (3, 3)


@pytest.mark.parametrize(
    "text",
    [
        GLOVE,
        GLOVE.rstrip("\n"),
        "3 3\n" + GLOVE,
        "\ufeff" + GLOVE,
        "\ufeff3 3\n" + GLOVE,
        GLOVE.replace("\n", " \n"),
        GLOVE.replace("\n", "\r\n"),
        "3 3\r\n" + GLOVE.replace("\n", " \r\n"),
        GLOVE.replace(" ", "\t"),
        GLOVE + "\n\n",
    ],
)
def test_the_formats_that_there_are(tmp_path: Path, text: str) -> None:
    found = read_vectors(saved(tmp_path, text), ["the", "hello"])
    assert found.values.tolist() == [[0.1, -2, 0.3], [1, 2, 3]]
    assert found.count == 3


def test_words_that_are_numbers(tmp_path: Path) -> None:
    assert read_vectors(saved(tmp_path, "5 3\n7 2\n"), ["7", "5"]).values.tolist() == [[2], [3]]
    assert read_vectors(saved(tmp_path, "1 1\n7 2\n"), ["7"]).values.tolist() == [[2]]
    assert read_vectors(saved(tmp_path, "7 2 4\n5 1 1\n"), ["7"]).values.tolist() == [[2, 4]]


def test_strange_words(tmp_path: Path) -> None:
    text = "a\u00a0b 1 2\n. . . 3 4\nat me@example.org 5 6\nna\u0085ïve 7 8\n日本 9 0\n\xff 1 1\n"
    found = read_vectors(saved(tmp_path, text), ["a\u00a0b", ". . .", "na\u0085ïve", "日本"])
    assert found.values.tolist() == [[1, 2], [3, 4], [7, 8], [9, 0]]
    found = read_vectors(saved(tmp_path, b"\xff\xfa\xf0 1 2\nthe 3 4\n"), ["the"])  # no UTF-8
    assert (found.values.tolist(), found.count) == ([[3, 4]], 2)


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Z"]), min_size=1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), st.integers(1, 6), st.booleans())
def test_what_is_written_is_read(
    tmp_path: Path, data: st.DataObject, dimension: int, header: bool
) -> None:
    numbers = st.lists(
        st.floats(allow_nan=False, allow_infinity=False), min_size=dimension, max_size=dimension
    )
    table = data.draw(st.dictionaries(words, numbers, min_size=1, max_size=8))
    lines = [" ".join([word, *map(repr, row)]) for word, row in table.items()]
    if header:
        lines.insert(0, f"{len(table)} {dimension}")
    wanted = data.draw(st.lists(st.sampled_from(sorted(table)), unique=True))
    found = read_vectors(saved(tmp_path, "\n".join(lines)), wanted)
    assert found.count == len(table)
    assert np.array_equal(
        found.values, np.array([table[word] for word in wanted]).reshape(len(wanted), dimension)
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("the 1 2\nhello 1\n", "line 2: expected 2 numbers after 'hello', as in line 1, got 1"),
        (
            "the 1 2\n\nhello 1 2 3\n",
            "line 3: expected 2 numbers after 'hello', as in line 1, got 3",
        ),
        (
            "2 2\nthe 1 2 3\na 1 2\n",
            "line 2: expected 2 numbers after 'the', as line 1 says, got 3",
        ),
        ("2 3\nthe 1 2\na 1 2\n", "line 2: expected 3 numbers after 'the', as line 1 says, got 2"),
        ("other 1 2\nhello 1 two\n", "line 2: expected a number for 'hello', got 'two'"),
        ("other 1 2\nhello 1 1_0\n", "line 2: expected a number for 'hello', got '1_0'"),
        ("other 1 2\nhello 1 nan\n", "line 2: expected finite numbers for 'hello', got nan"),
        ("other 1 2\nhello -inf 1\n", "line 2: expected finite numbers for 'hello', got -inf"),
        ("hello 1\na 1\nhello 2\n", "line 3: 'hello' is there already, in line 1"),
        ("3 1\nhello 1\na 1\n", "expected 3 words, as line 1 says, got 2"),
        ("1 1\nhello 1\na 1\n", "expected 1 word, as line 1 says, got 2"),
        ("hello\nworld\n", "line 1: expected a word and its numbers, parted by single spaces"),
        ("", "expected word vectors, got none"),
        ("\n\n", "expected word vectors, got none"),
        (b"PK\x03\x04rest", "it is a zip archive: unpack it first"),
        (b"\x1f\x8brest", "it is compressed: unpack it first"),
        ("the 1 2\n".encode("utf-16"), "it is not text in UTF-8"),
        (b"2 2\nthe \x00\x01\x02\x03", "line 2: expected 2 numbers after 'the'"),
        (b"\x00" * (2 << 20), "line 1: expected a line of less than 1.0 MiB"),
    ],
)
def test_broken_files_are_one_clear_line(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(FileError, match=re.escape(message)) as caught:
        read_vectors(saved(tmp_path, text), ["hello"])
    assert str(caught.value).startswith("cannot read ")
    assert "\n" not in str(caught.value)


PIECES = [b"a 1 2\n", b"2 2\n", b"b 1\n", b" ", b"\xff", b"\r\n"]


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=60)
    | st.text("a1 .-\n\t2e", max_size=60).map(str.encode)
    | st.lists(st.sampled_from(PIECES)).map(b"".join)
)
def test_whatever_it_holds_it_is_read_or_refused(tmp_path: Path, content: bytes) -> None:
    refusal = ""
    try:
        found = read_vectors(saved(tmp_path, content), ["a", "b", "1"])
    except FileError as error:
        refusal = str(error)
    else:
        assert found.values.shape == (3, found.embedding_dim)
        assert np.isfinite(found.values).all()
    assert len(refusal.removeprefix(f"cannot read {tmp_path}")) < 200
    assert "\n" not in refusal


def test_files_that_are_none(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "device.txt").symlink_to("/dev/zero")
    with (tmp_path / "sparse.txt").open("wb") as file:
        file.truncate(50 << 30)
    for name, why in {
        "pipe.txt": "not a regular file",
        "device.txt": "not a regular file",
        "missing.txt": "No such file",
        ".": "not a regular file",
        "sparse.txt": "line 1: expected a line of less than",
    }.items():
        with pytest.raises(FileError, match=why):
            read_vectors(tmp_path / name, ["a"])


def test_words_are_asked_for_once(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="words: expected each once, got 'a' twice"):
        read_vectors(saved(tmp_path, GLOVE), ["a", "b", "a"])


def test_more_words_than_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "memory_limit", lambda: 1024)
    with pytest.raises(FileError, match=r"100 words of 3 numbers take 2\.3 KiB"):
        read_vectors(saved(tmp_path, GLOVE), map(str, range(100)))


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """20,000 words of 50 numbers: 8 MB."""
    numbers = " ".join(f"{n / 7:.5f}" for n in range(50))
    return saved(tmp_path, "".join(f"w{n} {numbers}\n" for n in range(20_000)))


def test_progress_is_told(large: Path) -> None:
    told: list[tuple[int, int]] = []
    read_vectors(large, ["w1"], progress=lambda done, total: told.append((done, total)))
    size = large.stat().st_size
    assert told[0] == (0, size)
    assert told[-1] == (size, size)
    assert len(told) >= 3
    assert told == sorted(told)


def test_cancelled(large: Path) -> None:
    answers = iter([False, True])
    with pytest.raises(Cancelled):
        read_vectors(large, ["w1"], cancelled=lambda: next(answers))


def test_memory_is_that_of_the_result(large: Path) -> None:
    tracemalloc.start()
    read_vectors(large, ["w1", "w19999"])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 400_000

"""Tables of numbers as text: CSV, and what a spreadsheet puts on the clipboard."""

from __future__ import annotations

import csv

import numpy as np
from numpy.typing import NDArray

from rnnviz.errors import InputError
from rnnviz.scene.axes import read_number

Table = NDArray[np.float64]


def parse_tables(text: str) -> list[Table]:
    """The tables of a text, timesteps × features; a blank line begins the next one.

    Cells are parted by tabs, semicolons, commas or spaces; with the first two a comma may be the
    decimal mark. A first row of names is left out. `nan` and `inf` are numbers.

    Raises:
        InputError: for a cell that is no number, or rows of unequal width, with its place.
    """
    lines = text.lstrip("\ufeff").splitlines()
    separator = _separator(lines)
    tables: list[list[list[float]]] = [[]]
    for number, line in enumerate(lines, start=1):
        if not line.strip(" \t,;"):
            tables.append([])
            continue
        cells = _cells(line, separator)
        if not any(tables) and not any(_is_number(cell, separator) for cell in cells):
            continue  # names of columns
        tables[-1].append(_row(cells, separator, number))
        _check_width(tables[-1], number)
    found = [np.array(table, dtype=np.float64) for table in tables if table]
    if not found:
        raise InputError("input", expected="rows of numbers", got="none")
    return found


def parse_table(text: str) -> Table:
    """The one table of a text, timesteps × features; blank lines are left out.

    Raises:
        InputError: as `parse_tables`.
    """
    lines = [line for line in text.splitlines() if line.strip(" \t,;")]
    return parse_tables("\n".join(lines))[0]


def _separator(lines: list[str]) -> str:
    text = "\n".join(lines[:50])
    return next((mark for mark in "\t;," if mark in text), " ")


def _cells(line: str, separator: str) -> list[str]:
    if separator == " ":
        return line.split()
    try:
        row = next(csv.reader([line], delimiter=separator, strict=True), [])
    except csv.Error:  # a quote that is not closed, or a cell without end
        row = line.split(separator)
    return [cell.strip() for cell in row]


def _row(cells: list[str], separator: str, number: int) -> list[float]:
    values = []
    for column, cell in enumerate(cells, start=1):
        try:
            values.append(_number(cell, separator))
        except ValueError:
            shown = repr(cell if len(cell) <= 20 else f"{cell[:19]}…")
            place = f"{shown} in line {number}, column {column}"
            raise InputError("input", expected="a number", got=place) from None
    return values


def _number(cell: str, separator: str) -> float:
    if separator in "\t;" and cell.count(",") == 1 and "." not in cell:
        cell = cell.replace(",", ".")
    if "_" in cell:
        raise ValueError(cell)
    return read_number(cell)


def _is_number(cell: str, separator: str) -> bool:
    try:
        _number(cell, separator)
    except ValueError:
        return False
    return True


def _check_width(rows: list[list[float]], number: int) -> None:
    if len(rows[-1]) != len(rows[0]):
        raise InputError(
            "input",
            expected=f"{len(rows[0])} columns in line {number}, as in the one before",
            got=len(rows[-1]),
        )

"""Write advances.json: how wide each character of the bundled fonts is, and their kerning.

Figures lay out text without a window system, so they measure it with this table. Needs
fontTools; run it again when a font file changes: `python resources/fonts/make_advances.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont

FONTS = Path(__file__).resolve().parent
DEJAVU = "dejavu/DejaVuSans.ttf"
FACES = {
    "ui-400": ("inter/Inter-Regular.otf", DEJAVU),
    "ui-500": ("inter/Inter-Medium.otf", DEJAVU),
    "ui-600": ("inter/Inter-SemiBold.otf", DEJAVU),
    "mono-400": ("jetbrains-mono/JetBrainsMono-Regular.ttf", DEJAVU),
    "math-400": ("stix/STIX-Regular.otf", "stix/STIXMath-Regular.otf", DEJAVU),
    "math-italic": ("stix/STIX-Italic.otf", "stix/STIXMath-Regular.otf", DEJAVU),
}
TABULAR = frozenset({"ui-400", "ui-500", "ui-600"})
RANGES = (
    (0x20, 0x7F), (0xA0, 0x180), (0x370, 0x400), (0x1D2C, 0x1D6B), (0x2010, 0x2028),
    (0x2030, 0x2060), (0x2070, 0x209D), (0x2100, 0x2150), (0x2190, 0x2200), (0x2200, 0x2300),
    (0x2500, 0x2580), (0x25A0, 0x2600), (0x2713, 0x2718), (0x27E8, 0x27EA), (0x2A00, 0x2A10),
)  # fmt: skip


def tabular_glyphs(font: TTFont) -> dict[str, str]:
    """Which glyph the feature tnum puts in another's place."""
    table = font["GSUB"].table
    lookups = {
        index
        for record in table.FeatureList.FeatureRecord
        if record.FeatureTag == "tnum"
        for index in record.Feature.LookupListIndex
    }
    swaps: dict[str, str] = {}
    for index in lookups:
        for subtable in table.LookupList.Lookup[index].SubTable:
            swaps.update(getattr(subtable, "ExtSubTable", subtable).mapping)
    return swaps


def advances(path: str, tabular: bool) -> dict[str, float]:
    """Width of each wanted character that a font file holds, in parts of the font's size."""
    font = TTFont(FONTS / path)
    units, glyphs, widths = font["head"].unitsPerEm, font.getBestCmap(), font["hmtx"]
    swaps = tabular_glyphs(font) if tabular else {}
    found = {}
    for low, high in RANGES:
        for code in range(low, high):
            if code in glyphs:
                glyph = swaps.get(glyphs[code], glyphs[code])
                found[chr(code)] = round(widths[glyph][0] / units, 4)
    return found


def kerning(path: str, tabular: bool) -> dict[str, float]:
    """What two neighbouring ASCII characters are moved by, in parts of the font's size."""
    font = TTFont(FONTS / path)
    if "GPOS" not in font:
        return {}
    units, glyphs = font["head"].unitsPerEm, font.getBestCmap()
    swaps = tabular_glyphs(font) if tabular else {}
    names = {chr(code): swaps.get(glyphs[code], glyphs[code]) for code in range(0x20, 0x7F)}
    found: dict[str, float] = {}
    for subtables in kerning_lookups(font):
        for first, first_glyph in names.items():
            for second, second_glyph in names.items():
                moved = next(pair_values(subtables, first_glyph, second_glyph), 0)
                if moved:
                    pair = first + second
                    found[pair] = round(found.get(pair, 0.0) + moved / units, 4)
    return found


def kerning_lookups(font: TTFont) -> Iterator[list[Any]]:
    """The subtables of each lookup that the feature kern uses."""
    table = font["GPOS"].table
    used = {
        index
        for record in table.FeatureList.FeatureRecord
        if record.FeatureTag == "kern"
        for index in record.Feature.LookupListIndex
    }
    for index in sorted(used):
        subtables = table.LookupList.Lookup[index].SubTable
        yield [getattr(subtable, "ExtSubTable", subtable) for subtable in subtables]


def pair_values(subtables: list[Any], first: str, second: str) -> Iterator[int]:
    """What each subtable that knows the pair moves it by; only the first one counts."""
    for subtable in subtables:
        if first not in subtable.Coverage.glyphs:
            continue
        if subtable.Format == 1:
            pairs = subtable.PairSet[subtable.Coverage.glyphs.index(first)].PairValueRecord
            values = [pair.Value1 for pair in pairs if pair.SecondGlyph == second]
            if values:
                yield getattr(values[0], "XAdvance", 0)
        else:
            row = subtable.Class1Record[subtable.ClassDef1.classDefs.get(first, 0)]
            value = row.Class2Record[subtable.ClassDef2.classDefs.get(second, 0)].Value1
            yield getattr(value, "XAdvance", 0) or 0


def face(name: str) -> dict[str, float]:
    """One face and the fonts that stand behind it, nearest first."""
    merged: dict[str, float] = {}
    for path in reversed(FACES[name]):
        merged |= advances(path, tabular=name in TABULAR and path != DEJAVU)
    return dict(sorted(merged.items()))


def main() -> None:
    """Write the table beside this script."""
    table: dict[str, Any] = {}
    for name, files in FACES.items():
        widths, pairs = face(name), kerning(files[0], tabular=name in TABULAR)
        table[name] = {
            "characters": "".join(widths),
            "advances": list(widths.values()),
            "pairs": "".join(pairs),
            "kerning": list(pairs.values()),
        }
    text = json.dumps(table, ensure_ascii=False, separators=(",", ":"))
    (FONTS / "advances.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

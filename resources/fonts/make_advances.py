"""Write advances.json: how wide each character of the bundled fonts is.

Figures lay out text without a window system, so they measure it with this table. Needs
fontTools; run it again when a font file changes: `python resources/fonts/make_advances.py`.
"""

from __future__ import annotations

import json
from pathlib import Path

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


def face(name: str) -> dict[str, float]:
    """One face and the fonts that stand behind it, nearest first."""
    merged: dict[str, float] = {}
    for path in reversed(FACES[name]):
        merged |= advances(path, tabular=name in TABULAR and path != DEJAVU)
    return dict(sorted(merged.items()))


def main() -> None:
    """Write the table beside this script."""
    table = {
        name: {"characters": "".join(widths), "advances": list(widths.values())}
        for name, widths in ((name, face(name)) for name in FACES)
    }
    text = json.dumps(table, ensure_ascii=False, separators=(",", ":"))
    (FONTS / "advances.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""What import-linter cannot say of the house: widgets live in `ui` alone."""

from __future__ import annotations

import ast
from pathlib import Path

import rnnviz

PACKAGE = Path(rnnviz.__file__).parent


def imported_by(path: Path) -> set[str]:
    """Every module that a file names in an import, `from` a package or not."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_widgets_live_in_ui_alone() -> None:
    for path in PACKAGE.rglob("*.py"):
        home = path.relative_to(PACKAGE).parts[0]
        if home not in ("ui", "app.py"):
            assert not any(name.startswith("PySide6.QtWidgets") for name in imported_by(path)), path


def test_nobody_prints_or_unpickles() -> None:
    for path in PACKAGE.rglob("*.py"):
        assert imported_by(path).isdisjoint({"pickle", "marshal", "shelve"}), path

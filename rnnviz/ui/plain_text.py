"""Texts of strangers where Qt would take them for HTML."""

from __future__ import annotations

import html

from rnnviz.files.reading import one_line


def plain(text: str) -> str:
    """A text as a tooltip that shows it as it stands, broken where it is long."""
    return f"<qt>{html.escape(one_line(text))}</qt>"

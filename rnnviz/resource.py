"""Where the data that comes with rnnviz lies: in the wheel, or in the checkout's `resources/`."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource_path(*parts: str) -> Path:
    """The path of a file or folder that comes with rnnviz.

    Raises:
        FileNotFoundError: where the installation lacks it.
    """
    for root in (_PACKAGE / "resources", _PACKAGE.parent / "resources"):
        path = root.joinpath(*parts)
        if path.exists():
            return path
    raise FileNotFoundError(f"rnnviz lacks its resource {'/'.join(parts)}: please reinstall it")

"""Lines of code as a whole script."""

from __future__ import annotations

from rnnviz.model.pipeline.literals import UNPACKED, needs_unpacked


def script(lines: list[str]) -> str:
    """The lines with the imports and the function that they need before them."""
    body = "\n".join(lines).rstrip() + "\n"
    torch = "import torch\nfrom torch import nn\n\n"
    if "np.random" in body:
        torch = f"import numpy as np\n{torch}"
    if needs_unpacked(body):
        return f"import base64\nimport zlib\n\n{torch}{UNPACKED}\n\n{body}"
    return torch + body

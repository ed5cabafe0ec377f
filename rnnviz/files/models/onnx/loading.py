"""The graph of an ONNX file, parsed without anything that it names being opened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rnnviz.errors import FileError
from rnnviz.files.models.extras import required
from rnnviz.files.models.onnx.outline import check_outline
from rnnviz.files.reading import open_checked, reason, unreadable
from rnnviz.files.tensors.stored import RefusedError
from rnnviz.model.memory import format_bytes, memory_limit

LARGEST = (2 << 30) - 1  # what protobuf itself can hold

_NO_ONNX = "it is damaged, or not an ONNX file"


def load_model(path: Path) -> Any:
    """The message `ModelProto` of a file.

    Raises:
        FileError: where onnx is not installed, or the file holds no such message.
    """
    onnx = required("onnx", "onnx", "ONNX files")
    with open_checked(path, LARGEST) as (file, size):
        try:
            if 2 * size > memory_limit():
                raise RefusedError(
                    f"reading it would take {format_bytes(2 * size)} of memory, more than "
                    f"{format_bytes(memory_limit())}"
                )
            check_outline(file, size, onnx.ModelProto.DESCRIPTOR)
            file.seek(0)
            model = onnx.ModelProto.FromString(file.read(size))
            if not model.HasField("graph"):
                raise RefusedError(_NO_ONNX)
        except FileError:
            raise
        except RefusedError as error:
            raise unreadable(path, str(error)) from None
        except OSError as error:
            raise unreadable(path, reason(error)) from None
        except Exception:  # protobuf's own errors, which say nothing to a user
            raise unreadable(path, _NO_ONNX) from None
    return model

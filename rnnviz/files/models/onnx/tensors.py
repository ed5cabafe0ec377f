"""A tensor of an ONNX file as an array, once its bytes are as many as it says."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.files.reading import shown_name
from rnnviz.files.tensors.stored import (
    NUMPY_DTYPES,
    Array,
    RefusedError,
    Stored,
    checked_shape,
    from_bytes,
)

_DTYPES = {
    1: "float32",
    2: "uint8",
    3: "int8",
    6: "int32",
    7: "int64",
    9: "bool",
    10: "float16",
    11: "float64",
    16: "bfloat16",
}
_FIELDS = {  # where a tensor keeps its numbers when it has no raw bytes
    "float32": "float_data",
    "float64": "double_data",
    "int64": "int64_data",
}
IN_ANOTHER_FILE = 1  # a tensor's `data_location`


def stored_as(tensor: Any, *, anywhere: bool = False) -> Stored:
    """What a `TensorProto` says of itself.

    Args:
        anywhere: its numbers need not be at hand.

    Raises:
        RefusedError: where it is of a kind that is not read, or its numbers are not at hand.
    """
    outside = tensor.data_location == IN_ANOTHER_FILE or tensor.external_data
    if outside and not anywhere:
        where = next((e.value for e in tensor.external_data if e.key == "location"), "")
        raise RefusedError(
            f"its weights are in another file, {shown_name(where)}, which is not beside it or "
            "does not hold them: keep both in one folder, or export it with external_data=False"
        )
    dtype = _DTYPES.get(tensor.data_type)
    if dtype is None:
        raise RefusedError(f"{shown_name(tensor.name)} has a type of numbers that is not read here")
    return Stored(checked_shape(tensor.name, list(tensor.dims)), dtype)


def read_tensor(tensor: Any) -> tuple[Array, str]:
    """The values of a `TensorProto`, half precision widened, and the dtype that they had.

    Raises:
        RefusedError: where it does not hold what it says.
    """
    stored = stored_as(tensor)
    return from_bytes(_data(tensor, stored), stored), stored.dtype


def _data(tensor: Any, stored: Stored) -> bytes:
    field = _FIELDS.get(stored.dtype, "int32_data")
    typed = getattr(tensor, field)
    if tensor.HasField("raw_data"):
        held = len(tensor.raw_data)
    else:
        held = len(typed) * NUMPY_DTYPES[stored.dtype].itemsize
    if held != stored.nbytes:
        raise RefusedError(
            f"{shown_name(tensor.name)} should have {stored.nbytes} bytes and has {held}"
        )
    if tensor.HasField("raw_data"):
        return bytes(tensor.raw_data)
    dtype = NUMPY_DTYPES[stored.dtype].newbyteorder("<")
    if field != "int32_data":
        return np.array(typed, dtype=dtype).tobytes()
    whole = f"<u{dtype.itemsize}"  # a half's bits are in the number, a negative number's too
    return np.array(typed, dtype=np.int64).astype(whole).tobytes()

"""The names that the pickle of a PyTorch file may hold, and what each stands for.

None is imported. A name that dictionaries of tensors don't need is refused, in words that say
what to do instead.

References:
    torch/_utils.py, for what torch writes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from rnnviz.files.reading import shown_name
from rnnviz.files.tensors.stored import RefusedError

STORAGES = {
    "DoubleStorage": "float64",
    "FloatStorage": "float32",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
}
_DTYPES = ("uint16", "uint32", "uint64", *STORAGES.values())
_OTHER_NUMBERS = {
    "ComplexDoubleStorage": "complex numbers",
    "ComplexFloatStorage": "complex numbers",
    "QInt8Storage": "a quantized tensor",
    "QInt32Storage": "a quantized tensor",
    "QUInt8Storage": "a quantized tensor",
    "QUInt4x2Storage": "a quantized tensor",
    "QUInt2x4Storage": "a quantized tensor",
}
_OTHER_TENSORS = {
    "_rebuild_sparse_tensor": "a sparse tensor",
    "_rebuild_sparse_csr_tensor": "a sparse tensor",
    "_rebuild_nested_tensor": "a nested tensor",
    "_rebuild_qtensor": "a quantized tensor",
    "_rebuild_meta_tensor_no_storage": "a tensor without values (on the meta device)",
    "_rebuild_device_tensor_from_numpy": "a tensor of another device",
    "_rebuild_device_tensor_from_cpu_tensor": "a tensor of another device",
    "_rebuild_wrapper_subclass": "a tensor of a class of its own",
}
# Values beside the tensors, of which nothing is needed but that they are harmless.
_INERT = {
    "torch.Size",
    "torch.device",
    "torch.dtype",
    "collections.Counter",
    "collections.deque",
    "builtins.set",
    "builtins.frozenset",
    "builtins.complex",
    "builtins.slice",
    "__builtin__.set",
    "__builtin__.frozenset",
    "__builtin__.complex",
    "__builtin__.slice",
    "builtins.list",
    "builtins.tuple",
    "builtins.int",
    "builtins.float",
    "builtins.str",
    "builtins.bool",
    "__builtin__.list",
    "__builtin__.tuple",
    "__builtin__.int",
    "__builtin__.float",
    "__builtin__.bool",
    "argparse.Namespace",
    "pathlib.Path",
    "pathlib.PosixPath",
    "pathlib.WindowsPath",
    "pathlib._local.PosixPath",
    "pathlib._local.WindowsPath",
}


@dataclass(frozen=True)
class Storage:
    """A run of numbers that tensors are views of.

    Attributes:
        key: what its member within the zip is called.
        dtype: of its numbers, or None where each view has its own.
        count: of numbers, or of bytes where it has no dtype.
    """

    key: str
    dtype: str | None
    count: int


@dataclass(frozen=True)
class View:
    """A tensor: a part of a storage. The fields are unproven."""

    storage: Storage
    dtype: str
    offset: object
    size: object
    stride: object


@dataclass(eq=False)
class Pairs:
    """A dictionary as it was written, its keys unproven."""

    items: list[tuple[object, object]] = field(default_factory=list)


@dataclass(frozen=True)
class Inert:
    """A value that is of no use here."""


@dataclass(frozen=True)
class Name:
    """A function or class that the pickle names; it stays a name."""

    name: str


INERT = Inert()


def allowed_name(module: str, name: str, whole: bool) -> str:
    """The full name, where it is one of those that dictionaries of tensors hold."""
    full = f"{module}.{name}"
    if full in _INERT or full in _CALLED or full == "torch.storage.UntypedStorage":
        return full
    if module == "torch" and (name in STORAGES or name in _DTYPES):
        return full
    if module == "torch" and name in _OTHER_NUMBERS:
        raise RefusedError(f"it holds {_OTHER_NUMBERS[name]}, which no recurrent layer has")
    if module == "torch._utils" and name in _OTHER_TENSORS:
        raise RefusedError(f"it holds {_OTHER_TENSORS[name]}; only plain ones are read")
    if module == "torch" and name in ("float8_e4m3fn", "float8_e5m2", "complex64", "complex128"):
        raise RefusedError(f"it holds numbers of dtype {name}, which are not read here")
    if module.startswith(_MODULES) and name != "Parameter":
        raise RefusedError(
            f"it holds a whole model ({shown_name(full)}), which only its own code can open: "
            "save model.state_dict() instead"
        )
    if whole:
        raise RefusedError(
            f"it holds a whole model or another object ({shown_name(full)}), which only its own "
            "code can open: save model.state_dict() instead"
        )
    raise RefusedError(
        f"it holds {shown_name(full)} beside its tensors, which is not read because it could "
        "run code: save model.state_dict() alone"
    )


_MODULES = ("torch.nn.modules.", "torch.nn.parallel.", "torch.jit", "torch._dynamo")


def result_of(name: str, arguments: tuple[object, ...]) -> object:
    if name in _CALLED:
        return _CALLED[name](*arguments)
    if name in _INERT:
        return arguments[0] if name == "torch.Size" else INERT
    raise TypeError


def _dictionary(items: object = ()) -> Pairs:
    """An OrderedDict of pairs, as protocols before 2 wrote it."""
    if not isinstance(items, list | tuple):
        raise TypeError
    pairs = Pairs()
    for item in items:
        key, value = item
        pairs.items.append((key, value))
    return pairs


def _tensor(storage: object, offset: object, size: object, stride: object, *rest: object) -> View:
    if not isinstance(storage, Storage) or storage.dtype is None:
        raise TypeError
    return View(storage, storage.dtype, offset, size, stride)


def _tensor_of_dtype(
    storage: object,
    offset: object,
    size: object,
    stride: object,
    requires_grad: object,
    hooks: object,
    dtype: object,
    *rest: object,
) -> View:
    if not (isinstance(storage, Storage) and isinstance(dtype, Name)):
        raise TypeError
    name = dtype.name.removeprefix("torch.")
    if name not in _DTYPES:
        raise TypeError
    return View(storage, name, offset, size, stride)


def _parameter(tensor: object, *rest: object) -> View:
    if not isinstance(tensor, View):
        raise TypeError
    return tensor


def storage_of(identity: object) -> Storage:
    if not isinstance(identity, tuple) or len(identity) != 5:
        raise TypeError
    kind, of, key, _, count = identity
    if kind != "storage" or not isinstance(of, Name) or not isinstance(key, str):
        raise TypeError
    if type(count) is not int or not 0 <= count < 2**63:
        raise RefusedError("it is damaged: a tensor in it has no size")
    return Storage(key, STORAGES.get(of.name.removeprefix("torch.")), count)


_CALLED: dict[str, Callable[..., object]] = {
    "builtins.dict": _dictionary,
    "__builtin__.dict": _dictionary,
    "collections.OrderedDict": _dictionary,
    "collections.defaultdict": lambda *_: Pairs(),
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_tensor_v3": _tensor_of_dtype,
    "torch._utils._rebuild_parameter": _parameter,
    "torch._utils._rebuild_parameter_with_state": _parameter,
}

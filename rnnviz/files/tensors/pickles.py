"""The pickle within a PyTorch file, read as data: nothing it names is imported, made or called.

A pickle is a program for a small stack machine. This one knows the few instructions that
dictionaries of tensors are made of, and of all names those that torch writes for them; in the
place of a tensor it leaves a description. Any other instruction or name ends the reading.

References:
    `pickletools` in Python's library, for the instructions; torch/_utils.py for the names.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable, Iterator

from rnnviz.files.tensors.pickled_names import (
    INERT,
    Inert,
    Name,
    Pairs,
    View,
    allowed_name,
    result_of,
    storage_of,
)
from rnnviz.files.tensors.stored import RefusedError

MOST_INSTRUCTIONS = 500_000
LARGEST = 32 << 20
_PROTOCOLS = 6  # of pickle, from 0

_MARK = object()


def read_pickle(data: bytes | bytearray) -> object:
    """What a pickle says: Pairs, lists, tuples, plain values, and a View for each tensor.

    Raises:
        RefusedError: for a name or an instruction that no dictionary of tensors needs.
    """
    if len(data) > LARGEST:
        raise RefusedError("its list of tensors is too long")
    return _Machine().run(bytes(data))


def _damaged() -> RefusedError:
    return RefusedError("it is damaged: its list of tensors cannot be read")


def _instructions(data: bytes) -> Iterator[tuple[str, object]]:
    try:
        for count, (opcode, argument, _) in enumerate(pickletools.genops(data)):
            if count == MOST_INSTRUCTIONS:
                raise RefusedError("its list of tensors is too long")
            yield opcode.name, argument
    except (ValueError, IndexError, EOFError, OverflowError, AssertionError):
        raise _damaged() from None


class _Machine:
    """One reading of a pickle."""

    def __init__(self) -> None:
        self.stack: list[object] = []
        self.memo: dict[object, object] = {}

    def run(self, data: bytes) -> object:
        try:
            for name, argument in _instructions(data):
                if name == "STOP":
                    break
                if name in _CONSTANTS:
                    self.stack.append(_CONSTANTS[name])
                elif name in _LITERALS:
                    self.stack.append(argument)
                elif name not in _SKIPPED:
                    handle = _HANDLERS.get(name)
                    if handle is None:
                        raise RefusedError(
                            f"its list of tensors uses the instruction {name}, which none needs"
                        )
                    handle(self, argument)
            return self.stack.pop()
        except (IndexError, KeyError, TypeError, ValueError, AttributeError):
            raise _damaged() from None

    def marked(self) -> list[object]:
        """What was put on the stack since the last mark."""
        at = len(self.stack) - 1
        while self.stack[at] is not _MARK:
            at -= 1
            if at < 0:
                raise IndexError
        found = self.stack[at + 1 :]
        del self.stack[at:]
        return found

    def check_protocol(self, number: object) -> None:
        """Refuse what no Python writes yet."""
        if number not in range(_PROTOCOLS):
            raise ValueError

    def push(self, make: Callable[[], object]) -> None:
        self.stack.append(make())

    def take_tuple(self, count: int) -> None:
        found = [self.stack.pop() for _ in range(count)]
        self.stack.append(tuple(reversed(found)))

    def marked_tuple(self) -> None:
        self.stack.append(tuple(self.marked()))

    def append(self, values: list[object]) -> None:
        target = self.stack[-1]
        if isinstance(target, list):
            target.extend(values)
        elif not isinstance(target, Inert):
            raise TypeError

    def set_items(self, values: list[object]) -> None:
        target = self.stack[-1]
        if isinstance(target, Pairs):
            target.items.extend(zip(values[::2], values[1::2], strict=True))
        elif not isinstance(target, Inert):
            raise TypeError

    def frozen_set(self) -> None:
        self.marked()
        self.stack.append(INERT)

    def remember(self, key: object) -> None:
        self.memo[key] = self.stack[-1]

    def recall(self, key: object) -> None:
        self.stack.append(self.memo[key])

    def name_written(self, argument: object) -> None:
        module, _, name = str(argument).partition(" ")
        self._name(module, name)

    def name_on_stack(self) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        if not (isinstance(name, str) and isinstance(module, str)):
            raise TypeError
        self._name(module, name)

    def _name(self, module: str, name: str) -> None:
        # A name at the very bottom makes the object that was saved.
        self.stack.append(Name(allowed_name(module, name, whole=not self.stack)))

    def reduce(self) -> None:
        arguments, called = self.stack.pop(), self.stack.pop()
        if not (isinstance(called, Name) and isinstance(arguments, tuple)):
            raise TypeError
        self.stack.append(result_of(called.name, arguments))

    def build(self) -> None:
        """What is set on an object afterwards: the versions of a state_dict; left out."""
        self.stack.pop()
        if not isinstance(self.stack[-1], Pairs | Inert | View):
            raise TypeError

    def persistent(self) -> None:
        self.stack.append(storage_of(self.stack.pop()))


_CONSTANTS: dict[str, object] = {
    "MARK": _MARK,
    "NONE": None,
    "NEWTRUE": True,
    "NEWFALSE": False,
    "EMPTY_TUPLE": (),
    "EMPTY_SET": INERT,
}
_LITERALS = {
    "BININT",
    "BININT1",
    "BININT2",
    "LONG1",
    "BINFLOAT",
    "BINUNICODE",
    "SHORT_BINUNICODE",
    "BINUNICODE8",
    "BINSTRING",
    "SHORT_BINSTRING",
    "BINBYTES",
    "SHORT_BINBYTES",
    "BINBYTES8",
}
_SKIPPED = {"FRAME"}
_HANDLERS: dict[str, Callable[[_Machine, object], None]] = {
    "PROTO": lambda machine, number: machine.check_protocol(number),
    "EMPTY_DICT": lambda machine, _: machine.push(Pairs),
    "EMPTY_LIST": lambda machine, _: machine.push(list),
    "TUPLE": lambda machine, _: machine.marked_tuple(),
    "TUPLE1": lambda machine, _: machine.take_tuple(1),
    "TUPLE2": lambda machine, _: machine.take_tuple(2),
    "TUPLE3": lambda machine, _: machine.take_tuple(3),
    "APPEND": lambda machine, _: machine.append([machine.stack.pop()]),
    "APPENDS": lambda machine, _: machine.append(machine.marked()),
    "ADDITEMS": lambda machine, _: machine.append(machine.marked()),
    "SETITEM": lambda machine, _: machine.set_items([machine.stack.pop() for _ in range(2)][::-1]),
    "SETITEMS": lambda machine, _: machine.set_items(machine.marked()),
    "FROZENSET": lambda machine, _: machine.frozen_set(),
    "BINPUT": lambda machine, key: machine.remember(key),
    "LONG_BINPUT": lambda machine, key: machine.remember(key),
    "MEMOIZE": lambda machine, _: machine.remember(len(machine.memo)),
    "BINGET": lambda machine, key: machine.recall(key),
    "LONG_BINGET": lambda machine, key: machine.recall(key),
    "GLOBAL": lambda machine, argument: machine.name_written(argument),
    "STACK_GLOBAL": lambda machine, _: machine.name_on_stack(),
    "REDUCE": lambda machine, _: machine.reduce(),
    "NEWOBJ": lambda machine, _: machine.reduce(),
    "BUILD": lambda machine, _: machine.build(),
    "BINPERSID": lambda machine, _: machine.persistent(),
}

"""QEMU's human monitor as a program of its own, and its library: `connect` and the like."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from hmp.client import aconnect, aconnect_all, connect, connect_all, launch

__all__ = [
    "aconnect",
    "aconnect_all",
    "connect",
    "connect_all",
    "launch",
    "version_info",
]

__version__ = "0.1.0"
version_info = (0, 1, 0)
"""The same in numbers: major, minor, micro."""


CO_COROUTINE = 0x80
"""The flag of a code object that `inspect` has; that module takes long to import."""


class Generic:
    """`typing.Generic` at run time, without its import; type checkers see the real one."""

    __slots__ = ()

    def __class_getitem__(cls, item: object) -> type[Generic]:
        return cls


def is_coroutine(function: object, count: int) -> bool:
    """Return whether a function is an ``async def`` with so many positional parameters."""
    code = getattr(function, "__code__", None)
    return bool(code and code.co_flags & CO_COROUTINE and code.co_argcount == count)


def imported(name: str) -> ModuleType:
    """Import a module by its name; `importlib` takes longer to import than most of ours."""
    __import__(name)
    return sys.modules[name]


def __getattr__(name: str) -> Any:
    """Import the library on first use; the program does not need it."""
    if name in __all__:
        return getattr(imported("hmp.client"), name)
    raise AttributeError(f"module 'hmp' has no attribute '{name}'")

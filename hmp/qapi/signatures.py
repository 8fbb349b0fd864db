"""Signatures of `qmp_*` functions against the schema.

Takes a command and its function, and checks whether they fit: names, order, optional
members, types as `hmp.qapi.python_types` defines them, and `async`. It reads the
function's code object instead of using `inspect`, which takes longer to import than
everything else that this package does at startup.
"""

from __future__ import annotations

import re
from functools import cache

from hmp.qapi.entities import Command
from hmp.qapi.error import Place, QAPIError
from hmp.qapi.names import python_name
from hmp.qapi.python_types import member_type, python_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FunctionType
    from typing import Any

# Flags of code objects, as `inspect` has them.
_VARARGS, _VARKEYWORDS, CO_COROUTINE, _ASYNC_GENERATOR = 0x04, 0x08, 0x80, 0x200
_GENERATOR = 0x20

# How else one may write what `python_types` writes: what to look for, a pattern, and what
# to put in its place. The patterns are compiled when they are needed.
_SPELLINGS = (
    (".", r"[\w<>.]+\.", ""),  # the module of a class
    ("Optional", r"\bOptional\[(.*)\]", r"\1|None"),
    ("Any", r"\bAny\b", "object"),
    ("Wire", r"\b\w+Wire\b", "dict[str,object]"),
    ("dict", r"\bdict$", "dict[str,object]"),
    ("NoneType", r"\bNoneType\b", "None"),
)


class _Parameter:
    """What a parameter must be by the schema; the name None allows any name."""

    __slots__ = ("annotation", "name", "needs_default", "optional")

    def __init__(
        self,
        name: str | None,
        annotation: str,
        optional: bool = False,
        needs_default: bool = False,
    ) -> None:
        self.name = name
        self.annotation = annotation
        self.optional = optional
        self.needs_default = needs_default

    def __str__(self) -> str:
        default = " = None" if self.needs_default else ""
        return f"{self.name or 'arguments'}: {self.annotation}{default}"


def is_function(value: object) -> bool:
    """Tell whether `value` is a function written in Python, undecorated."""
    return isinstance(value, type(is_function))


def place_of(function: FunctionType) -> Place:
    """Return where a function is defined."""
    code = function.__code__
    return Place(code.co_filename, code.co_firstlineno)


def check_signature(
    command: Command, function: FunctionType, context: int, typed: bool
) -> int:
    """Check the signature of the function that implements `command`.

    `context` is the number of values for parameters before a `/`, `typed` tells whether
    generated types are used. Returns the number of such parameters of the function.

    Raises QAPIError, which names the schema entry and the function, if it doesn't fit.
    """
    fault = (
        _flag_fault(command, function)
        or _context_fault(function, context)
        or _parameter_fault(function, _expected(command, typed))
        or _annotation_fault(function, "return", _return_type(command, typed))
    )
    if fault is not None:
        assert command.place is not None
        raise QAPIError(
            command.place,
            f"{function.__name__}() at {place_of(function)} doesn't fit: {fault}",
        )
    return function.__code__.co_posonlyargcount


def expected_signature(command: Command, typed: bool) -> str:
    """Return the signature that a function for `command` must have, without context."""
    parameters = ", ".join(str(parameter) for parameter in _expected(command, typed))
    return f"({parameters}) -> {_return_type(command, typed)}"


def _expected(command: Command, typed: bool) -> list[_Parameter]:
    if not command.gen:
        return [_Parameter(None, "dict[str, object]")]
    if command.boxed:
        return [_Parameter(None, python_type(command.arguments, typed))]
    parameters: list[_Parameter] = []
    needs_default = True
    for member in reversed(command.arguments.members):
        # Python has no parameter with a default before one without.
        needs_default = needs_default and member.optional
        annotation = member_type(member, typed)
        name = python_name(member.name)
        parameters.append(_Parameter(name, annotation, member.optional, needs_default))
    return parameters[::-1]


def _return_type(command: Command, typed: bool) -> str:
    if not command.gen:
        return "object"
    if command.returns is None:
        return "None"
    return python_type(command.returns, typed)


def _flag_fault(command: Command, function: FunctionType) -> str | None:
    flags = function.__code__.co_flags
    if flags & CO_COROUTINE and not command.coroutine:
        return "an 'async def' needs 'coroutine': true in the schema entry"
    if flags & (_GENERATOR | _ASYNC_GENERATOR):
        return "it must not be a generator"
    if flags & (_VARARGS | _VARKEYWORDS):
        return "it must not take '*' or '**' arguments"
    if function.__code__.co_kwonlyargcount:
        return "it must not have parameters after a '*'"
    return None


def _context_fault(function: FunctionType, context: int) -> str | None:
    count = function.__code__.co_posonlyargcount
    if count > context:
        return f"it has {count} parameters before '/', but gets {context} values for them"
    return None


def _parameter_fault(function: FunctionType, expected: list[_Parameter]) -> str | None:
    code = function.__code__
    names = code.co_varnames[code.co_posonlyargcount : code.co_argcount]
    wanted = [parameter.name for parameter in expected]
    if len(names) != len(wanted) or any(
        want not in (None, name) for want, name in zip(wanted, names, strict=True)
    ):
        return f"it must be {_signature(function, expected)}"
    defaults = function.__defaults__ or ()
    without = len(names) - len(defaults)
    for index, (name, parameter) in enumerate(zip(names, expected, strict=True)):
        default = defaults[index - without] if index >= without else ...
        if default is None and not parameter.optional:
            return f"the schema doesn't make '{name}' optional, drop its default"
        if default not in (None, ...):
            return f"'{name}' may only have the default None, for an absent argument"
        if default is ... and parameter.needs_default:
            return f"'{name}' is optional, it must have the default None"
        fault = _annotation_fault(function, name, parameter.annotation)
        if fault is not None:
            return fault
    return None


def _signature(function: FunctionType, expected: list[_Parameter]) -> str:
    """Return the whole signature that the function should have."""
    code = function.__code__
    parameters = list(code.co_varnames[: code.co_posonlyargcount])
    if parameters:
        parameters.append("/")
    parameters += [str(parameter) for parameter in expected]
    return f"{function.__name__}({', '.join(parameters)})"


def _annotation_fault(function: FunctionType, name: str, wanted: str) -> str | None:
    what = "the return value" if name == "return" else f"'{name}'"
    try:
        annotation = function.__annotations__.get(name, ...)
    except NameError as error:
        # From Python 3.14 on, annotations that aren't strings are evaluated here.
        return f"its annotations: {error}; add 'from __future__ import annotations'"
    if annotation is ...:
        return f"annotate {what} with '{wanted}'"
    text = _text(annotation)
    if text != wanted and _normalised(text) != _normalised(wanted):
        return f"the annotation of {what} must be '{wanted}', not '{text}'"
    return None


def _text(annotation: Any) -> str:
    """Return an annotation as it was written, or nearly so."""
    if isinstance(annotation, str):
        return annotation
    if isinstance(annotation, type) and not hasattr(annotation, "__origin__"):
        return annotation.__name__
    return repr(annotation)


@cache
def _normalised(text: str) -> tuple[str, ...]:
    """Return the alternatives that an annotation allows, in one spelling and order."""
    for char in " \n'\"":
        text = text.replace(char, "")
    for mark, pattern, replacement in _SPELLINGS:
        if mark in text:
            text = re.sub(pattern, replacement, text)
    parts = re.split(r"\|(?![^\[]*\])", text) if "|" in text else [text]
    # Whatever can be anything needs no more words.
    return ("object",) if "object" in parts else tuple(sorted(set(parts)))

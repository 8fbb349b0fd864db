"""Commands bound to the Python functions that implement them.

Takes a checked schema and `qmp_*` functions, and compares each signature with its schema
entry once, when it is loaded, so that it can't fail later. `bind` returns a
`Bound` for each command, which takes a request's arguments and returns its result, both
in the wire's form.

    def qmp_hello_world(message: str | None = None) -> None: ...
    def qmp_stop(machine: EmbeddedMachine, /) -> None: ...

Parameters before a `/` are given by whoever binds, such as the machine; those after it
are the schema's members, in their order, under their names, with '_' for '-'.
"""

from __future__ import annotations

from hmp.qapi.conversion import Codecs
from hmp.qapi.entities import Command
from hmp.qapi.error import Place, QAPIError
from hmp.qapi.names import function_name
from hmp.qapi.signatures import CO_COROUTINE, check_signature, is_function, place_of
from hmp.qapi.values import RejectedValueError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Mapping
    from types import FunctionType, ModuleType
    from typing import Any, TypeAlias

    from hmp.qapi.schema import Schema
    from hmp.qapi.values import Converter

    Functions: TypeAlias = (
        Mapping[str, Callable[..., Any]] | Iterable[Callable[..., Any] | ModuleType]
    )

_PREFIX = "qmp_"


class ReturnValueError(Exception):
    """A command's function returned a value that its schema entry doesn't allow.

    That is the fault of the function's author, not of whoever sent the request.
    """


class Bound:
    """A command and its function; calling it runs the command.

    `command` is the schema entry, `function` implements it, `is_coroutine` tells
    whether a call gives a coroutine to await.
    """

    __slots__ = (
        "_codecs", "_context", "_decode", "_encode", "command", "function", "is_coroutine",
    )  # fmt: skip

    def __init__(
        self,
        command: Command,
        function: FunctionType,
        codecs: Codecs,
        context: tuple[object, ...],
    ) -> None:
        self.command = command
        self.function = function
        self.is_coroutine = _is_coroutine(function)
        self._codecs = codecs
        self._context = context
        # Made by the first call: most commands are never used in a run.
        self._decode: Converter | None = None
        self._encode: Converter | None = None

    def __call__(self, arguments: dict[str, Any]) -> Any:
        """Run the command with a request's "arguments", and return its "return".

        For an `async` function it is a coroutine that returns that. Raises
        RejectedValueError for arguments that the schema doesn't allow, ReturnValueError
        for such a result, and whatever the function raises.
        """
        values = self._values(arguments)
        result = self.function(*self._context, *values)
        return self._awaited(result) if self.is_coroutine else self._result(result)

    def check(self, arguments: dict[str, Any]) -> None:
        """Check a request's "arguments" without running the command.

        Raises RejectedValueError if the schema doesn't allow them.
        """
        self._values(arguments)

    def _values(self, arguments: dict[str, Any]) -> list[Any]:
        decode = self._decode
        if decode is None:
            # made on first use: most commands of a schema are never called
            decode = self._decode = self._codecs.arguments(self.command)
        try:
            values: list[Any] = decode(arguments)
        except RecursionError:
            raise RejectedValueError("The arguments are nested too deeply") from None
        return values

    async def _awaited(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return self._result(await coroutine)

    def _result(self, result: Any) -> Any:
        returns = self.command.returns
        if returns is None or not self.command.gen:
            return self._plain_result(result)
        if self._encode is None:
            self._encode = self._codecs.encoder(returns)
        try:
            return self._encode(result)
        except (RejectedValueError, RecursionError) as error:
            raise self._bad_return(str(error)) from None

    def _plain_result(self, result: Any) -> Any:
        """Return the result of a command without 'returns', or without marshalling."""
        if result is None:
            return {}
        if self.command.gen:
            raise self._bad_return(f"it should return None, not {result!r}")
        return result

    def _bad_return(self, what: str) -> ReturnValueError:
        place = place_of(self.function)
        return ReturnValueError(
            f"{self.function.__name__}() at {place} returned what the command "
            f"'{self.command.name}' doesn't return: {what}"
        )

    def __repr__(self) -> str:
        return f"Bound({self.command.name!r}, {self.function.__qualname__})"


def bind(
    schema: Schema,
    functions: Functions,
    *,
    types: ModuleType | None = None,
    context: tuple[object, ...] = (),
    only: Callable[[Command], bool] | None = None,
) -> dict[str, Bound]:
    """Return every command of `schema` bound to its function, by the command's name.

    `functions` are modules, functions or both, or a mapping of functions by their names;
    of a module all names that begin with `qmp_`. `types` is the module that
    `hmp.qapi.generate` writes for the schema; without it structs are dicts. `context` are
    the values for parameters before a `/`: the first of them for each such parameter.
    `only` chooses the commands that `functions` implement, when others do the rest.

    Raises QAPIError if a command has no function, a function no command, or a function's
    signature isn't that of its schema entry.
    """
    found = _collect(functions)
    codecs = Codecs(types)
    bound: dict[str, Bound] = {}
    for name, command in schema.commands.items():
        if only is not None and not only(command):
            continue
        function = found.pop(function_name(name), None)
        if function is None:
            raise _no_function(command)
        count = check_signature(command, function, len(context), types is not None)
        bound[name] = Bound(command, function, codecs, context[:count])
    for function in found.values():
        raise QAPIError(
            place_of(function),
            f"the function {function.__name__}() implements no command of the schema; "
            "add the schema entry, or rename the function",
        )
    return bound


def _no_function(command: Command) -> QAPIError:
    assert command.place is not None
    return QAPIError(
        command.place,
        f"no function implements the command; write {function_name(command.name)}()",
    )


def _collect(functions: Functions) -> dict[str, FunctionType]:
    """Return the functions by name."""
    found: dict[str, FunctionType] = {}
    for name, function in _named(functions):
        # only a plain function has the signature that is compared: a callable object or a
        # partial could take anything
        if not is_function(function):
            raise QAPIError(
                Place(getattr(function, "__module__", None) or "<unknown>"),
                f"{name} must be a plain function, not {function!r}",
            )
        # the same function twice is harmless, as when one module imports it from another
        other = found.setdefault(name, function)
        if other is not function:
            raise QAPIError(
                place_of(function), f"{name}() is defined twice, first at {place_of(other)}"
            )
    return found


def _named(functions: Functions) -> list[tuple[str, Any]]:
    """Return pairs of a name and a function."""
    if hasattr(functions, "items"):
        return list(functions.items())
    pairs: list[tuple[str, Any]] = []
    for item in functions:
        if hasattr(item, "__code__"):
            pairs.append((item.__name__, item))
        else:
            names = vars(item).items()
            pairs += [(name, value) for name, value in names if name.startswith(_PREFIX)]
    return pairs


def _is_coroutine(function: FunctionType) -> bool:
    return bool(function.__code__.co_flags & CO_COROUTINE)

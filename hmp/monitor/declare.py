"""The authoring interface: entries declared beside their handlers, and registered.

`command` and `info` make the entries of the two tables, and register each as it is made,
wherever that happens: at module level, in a loop, in a helper. Used as decorators they
take a native handler. Their ``direct`` declares a command that is just one QMP command,
``report`` one whose QMP command returns text for people, ``passthrough`` one that only
QEMU's own monitor can carry out. An error in a declaration raises `TableError` with the
author's file and line, so a registered entry is valid. `hmp.monitor.registry` collects the
entries of a package into a table.
"""

from __future__ import annotations

import sys
from _thread import RLock  # `threading` takes long to import

from hmp import CO_COROUTINE, imported, is_coroutine
from hmp.monitor.entry import CHANGE, READ, Entry, Table, TableError, or_meant, twice
from hmp.qmp import RUN_LINE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Mapping
    from types import ModuleType
    from typing import Any, NoReturn, Required, TypedDict, TypeVar, Unpack, overload

    from hmp.language.qdict import QDict
    from hmp.monitor.call import Call
    from hmp.monitor.entry import Effect, Need
    from hmp.monitor.kinds import Kind
    from hmp.monitor.monitor import Monitor

    class Fields(TypedDict, total=False):
        """The fields of any declaration; `Entry` explains them."""

        args_type: str
        params: str | None
        help: Required[str]
        effect: Effect
        arguments: Mapping[str, str]
        about: str
        words: str
        kinds: Mapping[str, Kind]
        secrets: Iterable[str]
        example: str
        samples: Mapping[str, Kind]
        outcome: str
        failure: str
        needs: Need
        asks: str
        checks: bool
        after_preconfig: bool

    class NativeFields(Fields, total=False):
        """The fields of the declaration of a native handler."""

        qmp: Iterable[str]

    V = TypeVar("V")
    Handler = Callable[[Monitor, QDict], Coroutine[Any, Any, V]]
    Foresee = Callable[[Monitor, QDict], Coroutine[Any, Any, str]]
    """Says what a line will do; see `Declaration.foresee`."""
else:
    V = None

_FIELDS = frozenset({"help", *(Entry.__init__.__kwdefaults__ or ())})
"""The names of the fields that a declaration may have."""


class Declaration(Entry[V]):
    """An entry as its author sees it, who adds functions to it with its decorators."""

    __slots__ = ()

    if TYPE_CHECKING:

        @overload
        def text(
            self, function: Callable[[V], Iterable[str]], /
        ) -> Callable[[V], Iterable[str]]: ...

        @overload
        def text(
            self, function: Callable[[V, Call], Iterable[str]], /
        ) -> Callable[[V, Call], Iterable[str]]: ...

    def text(self, function: Any, /) -> Any:
        """Set the function that turns the value into plain lines (a decorator).

        It is called with the value, or with the value and the `Call`, and yields
        lines without their ends. Raises TableError.
        """
        self.text_function = self._presentation(function)
        return function

    if TYPE_CHECKING:

        @overload
        def view(self, function: Callable[[V], Any], /) -> Callable[[V], Any]: ...

        @overload
        def view(
            self, function: Callable[[V, Call], Any], /
        ) -> Callable[[V, Call], Any]: ...

    def view(self, function: Any, /) -> Any:
        """Set the function that turns the value into a Rich renderable (a decorator).

        It is called like the text function; if it returns None, the text is shown. Raises
        TableError.
        """
        self.view_function = self._presentation(function)
        return function

    def foresee(self, function: Foresee) -> Foresee:
        """Set the function that says what a line will do (a decorator).

        ``async def (mon, args)`` is called before a user runs the line, not in scripts. It
        returns what the question for confirmation says, or an empty text if nothing would
        be lost, so that no question is needed. It raises CommandFailedError to refuse a
        line that would fail anyway, without asking. A line with an error may lack
        arguments.
        """
        if not is_coroutine(function, 2):
            self._refuse_function(function, "foresee takes an 'async def (mon, args)'")
        self.foreseen = function
        return function

    def _presentation(self, function: Callable[..., Any]) -> Callable[[V, Call], Any]:
        code = getattr(function, "__code__", None)
        count = code.co_argcount if code else 0
        if code is None or count not in (1, 2) or code.co_flags & CO_COROUTINE:
            what = "a presentation must be 'def (value)' or 'def (value, call)'"
            self._refuse_function(function, what)
        if count == 2:
            return function
        # callers need not know how many parameters the author's function has
        return lambda value, call: function(value)

    def _refuse_function(self, function: Callable[..., Any], why: str) -> NoReturn:
        """Raise TableError with the place of a function that does not fit."""
        code = getattr(function, "__code__", None)
        place = f"{code.co_filename}:{code.co_firstlineno}: " if code else ""
        raise TableError(f"{place}'{self.name}': {why}")


class Declare:
    """Makes and registers the entries of one table: `command` or `info`.

    effect: the default for entries that do not state theirs. An entry belongs to the module
    that is being loaded when it is made, even if a helper elsewhere makes it. Entries made
    while no module is being loaded, as by a program's main module, are ``loose``.
    """

    def __init__(self, effect: Effect) -> None:
        self.effect: Effect = effect
        self.loose: list[Entry[Any]] = []
        self.by_name: dict[str, Entry[Any]] = {}
        self._modules: dict[str, list[Entry[Any]]] = {}
        self._loading: list[list[Entry[Any]]] = []
        self._waiting: dict[str, str] = {}
        # reentrant: a module that is being loaded may import another one with entries
        self._lock = RLock()

    def __call__(
        self, name: str, **fields: Unpack[NativeFields]
    ) -> Callable[[Handler[V]], Declaration[V]]:
        """Return a decorator that turns a handler into an entry.

        fields: as for `Entry`. The handler is ``async def (mon, args)`` and
        returns the QMP value. Raises TableError.
        """
        source = _caller()
        if callable(name):  # the handler itself, from a bare decorator
            raise TableError(f"{source}: a decorator takes a name: ('NAME', help='…')")
        # a decorator that decorates nothing would lose its entry without a word
        self._waiting[name] = source

        def declare(
            handler: Callable[[Monitor, QDict], Coroutine[Any, Any, V]],
        ) -> Declaration[V]:
            self._waiting.pop(name, None)
            return self._make(name, handler, source, fields)

        return declare

    def direct(
        self, name: str, qmp: str = "", **fields: Unpack[Fields]
    ) -> Declaration[Any]:
        """Declare a command that is one QMP command, with arguments of the same names.

        qmp: the QMP command; by default the one of the same name.
        """
        qmp = qmp or name.partition("|")[0]

        async def handler(mon: Monitor, args: QDict) -> Any:
            return await mon.qmp.execute(qmp, args)

        return self._make(name, handler, _caller(), {"qmp": (qmp,), **fields})

    def report(self, name: str, qmp: str, **fields: Unpack[Fields]) -> Declaration[Any]:
        """Declare a command that shows the text for people that a QMP command returns."""

        async def handler(mon: Monitor, args: QDict) -> Any:
            from hmp.monitor.passthrough import query_text

            return mon.look(await query_text(mon, qmp))

        entry = self._make(name, handler, _caller(), {"qmp": (qmp,), **fields})
        entry.textual = True
        return entry

    def passthrough(self, name: str, **fields: Unpack[Fields]) -> Declaration[Any]:
        """Declare a command that is sent on as ``human-monitor-command``."""
        made = {"qmp": (RUN_LINE,), **fields}
        return self._make(name, None, _caller(), made)

    def group(self, name: str, **fields: Unpack[Fields]) -> Subcommands:
        """Declare a command with subcommands; declare those with the returned object.

        Alone it shows their help.
        """

        async def handler(mon: Monitor, args: QDict) -> Any:
            from hmp.monitor.availability import detailed
            from hmp.monitor.help import find

            return await detailed(mon, find(mon.commands, [entry.names[0]]) or {})

        entry: Declaration[Any] = self._make(name, handler, _caller(), fields)
        entry.text(_help_text)
        return Subcommands(entry, self.effect)

    def _make(
        self,
        name: str,
        handler: Handler[V] | None,
        source: str,
        fields: Mapping[str, Any],
    ) -> Declaration[V]:
        """Return a new entry, registered. Raises TableError with the place."""
        try:
            for field in fields:
                if field not in _FIELDS:
                    hint = or_meant(field, _FIELDS)
                    raise TableError(f"'{name}': unknown field '{field}'{hint}")
            if "help" not in fields:
                raise TableError(f"'{name}': help is missing")
            made: dict[str, Any] = {"effect": self.effect, **fields}
            entry = Declaration(name, handler, **made, source=source)
            self._register(entry)
        except TableError as error:
            raise TableError(f"{source}: {error}") from error
        return entry

    def _register(self, entry: Entry[Any]) -> None:
        for name in entry.names:
            if name in self.by_name:
                raise TableError(twice(name, self.by_name[name]))
        with self._lock:
            self.by_name.update(dict.fromkeys(entry.names, entry))
            (self._loading[-1] if self._loading else self.loose).append(entry)

    def load(self, module: str) -> list[Entry[Any]]:
        """Import a module, once, and return the entries that it made.

        Raises TableError if it has entries but no CATEGORY; exceptions of the import pass
        through.
        """
        with self._lock:
            if module not in self._modules:
                self._import(module)
            return self._modules[module]

    def _import(self, name: str) -> None:
        made: list[Entry[Any]] = []
        self._loading.append(made)
        try:
            module = imported(name)
            self._check_waiting()
            made += self._adopt(module)
            self._sort(made, module)
        except BaseException:
            self._waiting.clear()
            # nothing of it may remain: a second attempt must fail in the same way
            for taken in [taken for entry in made for taken in entry.names]:
                del self.by_name[taken]
            raise
        finally:
            self._loading.pop()

    def _check_waiting(self) -> None:
        """Raise TableError for a decorator without a handler."""
        for name, source in self._waiting.items():
            raise TableError(f"{source}: '{name}': no handler follows; write '@' before it")

    def _adopt(self, module: ModuleType) -> list[Entry[Any]]:
        """Return the loose entries of a module that was imported before it was loaded."""
        found = [entry for entry in self.loose if _file(entry) == module.__file__]
        # a program's main module may be imported again under its own name
        self.loose = [entry for entry in self.loose if entry not in found]
        return found

    def _sort(self, made: Iterable[Entry[Any]], module: ModuleType) -> None:
        """Assign each entry to its module; one made by an imported module stays there."""
        package = module.__name__.rpartition(".")[0]
        siblings = {
            sibling.__file__: sibling
            # a list, since another thread may import meanwhile
            for name, sibling in list(sys.modules.items())
            if name.rpartition(".")[0] == package and hasattr(sibling, "CATEGORY")
        }
        owners = [(entry, siblings.get(_file(entry), module)) for entry in made]
        for entry, owner in owners:
            _check_category(entry, owner)
        self._modules.setdefault(module.__name__, [])
        for entry, owner in owners:
            entry.category = owner.CATEGORY
            if entry.subtable is not None:
                for below in entry.subtable:
                    below.category = owner.CATEGORY
            self._modules.setdefault(owner.__name__, []).append(entry)


class Subcommands(Declare):
    """Makes the entries below a command, and adds them to its sub-table."""

    def __init__(self, parent: Entry[Any], effect: Effect) -> None:

        super().__init__(effect)
        self._table = parent.subtable = Table()

    def _register(self, entry: Entry[Any]) -> None:
        super()._register(entry)
        self._table.add(entry)


def _help_text(topic: dict[str, Any]) -> Iterable[str]:
    """Yield one line per subcommand."""
    from hmp.monitor.help import help_lines

    return help_lines(topic)


def _check_category(entry: Entry[Any], module: ModuleType) -> None:
    """Raise TableError, with the entry's place, if its module names no group for help."""
    category = getattr(module, "CATEGORY", None)
    if not isinstance(category, str):
        inside = _file(entry) == module.__file__
        place = entry.source if inside else f"{module.__file__}:1"
        fault = "is missing" if category is None else "must be a string"
        raise TableError(
            f"{place}: CATEGORY {fault}: give '{entry.names[0]}' its heading in help,"
            ' as in CATEGORY = "Block devices", at the top of the module'
        )


def _file(entry: Entry[Any]) -> str:
    return entry.source.rpartition(":")[0]


def _caller() -> str:
    """Return FILE:LINE of the code that declares an entry, for messages."""
    # inspect.stack would say the same, but reads the source files of all frames
    frame = sys._getframe(2)
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


command = Declare(CHANGE)
info = Declare(READ)

"""The authoring interface: table entries, declared beside their handlers.

`command` and `info` make entries of the two tables; used as decorators they take
a native handler. Their ``direct`` declares a command that is just one QMP command,
``report`` one whose QMP command returns text for people, ``passthrough`` one that only
QEMU's own monitor can carry out. An entry is checked when it is made: a bad name,
args_type, handler or presentation raises `TableError` there.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from hmp.language.args_type import ArgsTypeError, compile_args_type, derive_params

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
    from typing import Any, TypeVar

    from hmp.language.qdict import QDict
    from hmp.monitor.kinds import Kind
    from hmp.monitor.monitor import Monitor

    Handler = Callable[[Monitor, QDict], Coroutine[Any, Any, Any]]
    Presentation = TypeVar("Presentation", bound=Callable[..., Any])

READ = "read"
CHANGE = "change"
DESTRUCTIVE = "destructive"

_name = re.compile(r"[A-Za-z_?][A-Za-z0-9_?-]*")
_COROUTINE = 0x80
"""CO_COROUTINE of a code object's flags; ``inspect`` is too slow to import."""


class TableError(ValueError):
    """A table entry that is not right; the text says which and why."""


class Entry:
    """One command of a table: everything that is known about it.

    name: as in QEMU's tables, aliases behind ``|``; names: the words. parameters:
    the compiled args_type. params: as help shows them. help: one line. effect:
    READ, CHANGE or DESTRUCTIVE. qmp: the QMP commands it calls, the one that it cannot
    do without first. kinds: what kind of thing arguments name, by key. secrets: keys
    whose values nobody may keep. handler: None for a passthrough. failure: a regular
    expression for what marks a passthrough's text as a failure, beyond the general
    rules. source: FILE:LINE of its declaration. subtable: set for a command that has
    one. textual: whether its value is a text for people, whichever way it comes.
    """

    __slots__ = (
        "args_type",
        "category",
        "effect",
        "example",
        "failure",
        "handler",
        "help",
        "kinds",
        "name",
        "names",
        "parameters",
        "params",
        "qmp",
        "secrets",
        "source",
        "subtable",
        "text_function",
        "textual",
        "view_function",
    )

    def __init__(
        self,
        name: str,
        handler: Handler | None,
        *,
        args_type: str = "",
        params: str | None = None,
        help: str,  # noqa: A002 - the field's word for it
        effect: str = CHANGE,
        qmp: Iterable[str] = (),
        kinds: Mapping[str, Kind] | None = None,
        secrets: Iterable[str] = (),
        example: str = "",
        failure: str = "",
        source: str = "",
    ) -> None:
        self.name = name
        self.names = tuple(name.split("|"))
        self.handler = handler
        self.args_type = args_type
        try:
            self.parameters = compile_args_type(args_type)
        except ArgsTypeError as error:
            raise TableError(f"'{name}': {error}") from error
        self.params = derive_params(self.parameters) if params is None else params
        self.help = help
        self.effect = effect
        self.qmp = tuple(qmp)
        self.kinds = kinds or {}
        self.secrets = tuple(secrets)
        self.example = example
        self.failure = failure
        self.category = ""
        self.source = source
        self.subtable: Table | None = None
        self.textual = self.passthrough
        self.text_function: Callable[[Any, Any], Iterable[str]] | None = None
        self.view_function: Callable[[Any, Any], Any] | None = None
        self._check()

    def _check(self) -> None:
        for name in self.names:
            if not _name.fullmatch(name):
                raise TableError(f"'{self.name}': '{name}' is no command name")
        if not self.help or "\n" in self.help:
            raise TableError(f"'{self.name}': help is one line, and not empty")
        if self.effect not in (READ, CHANGE, DESTRUCTIVE):
            raise TableError(f"'{self.name}': unknown effect {self.effect!r}")
        keys = {parameter.key for parameter in self.parameters}
        for key in (*self.kinds, *self.secrets):
            if key not in keys:
                raise TableError(f"'{self.name}': no argument '{key}' in args_type")
        if self.handler is not None:
            code = getattr(self.handler, "__code__", None)
            if not (code and code.co_flags & _COROUTINE and code.co_argcount == 2):
                raise TableError(
                    f"'{self.name}': the handler must be 'async def (mon, args)'"
                )

    @property
    def passthrough(self) -> bool:
        """Whether only QEMU's own monitor can carry it out."""
        return self.handler is None or self.qmp == ("human-monitor-command",)

    def text(self, function: Presentation) -> Presentation:
        """Take the function that turns the value into plain lines (a decorator).

        It is called with the value, or with the value and the `Call`, and yields
        lines without their ends.
        """
        self.text_function = self._presentation(function)
        return function

    def view(self, function: Presentation) -> Presentation:
        """Take the function that turns the value into a Rich renderable.

        It is called like the text function; None from it means: show the text.
        """
        self.view_function = self._presentation(function)
        return function

    def _presentation(self, function: Callable[..., Any]) -> Callable[[Any, Any], Any]:
        code = getattr(function, "__code__", None)
        count = code.co_argcount if code else 0
        if count == 2:
            return function
        if count != 1:
            raise TableError(
                f"'{self.name}': a presentation takes (value) or (value, call)"
            )
        return lambda value, call: function(value)

    def __repr__(self) -> str:
        return f"Entry({self.name!r})"


class Declare:
    """Makes the entries of one table; `command` and `info` are the two there are."""

    def __init__(self, effect: str) -> None:
        self.effect = effect

    def __call__(self, name: str, **fields: Any) -> Callable[[Handler], Entry]:
        """Return a decorator that makes the handler below it an entry.

        fields: as for `Entry`. The handler is ``async def (mon, args)`` and
        returns the QMP value. Raises TableError.
        """
        fields = {"effect": self.effect, "source": _caller(), **fields}
        return lambda handler: Entry(name, handler, **fields)

    def direct(self, name: str, qmp: str = "", **fields: Any) -> Entry:
        """Declare a command that is one QMP command, with arguments of the same names.

        qmp: the QMP command; without it the one of the same name.
        """
        fields = {"effect": self.effect, "source": _caller(), **fields}
        qmp = qmp or name.partition("|")[0]

        async def handler(mon: Monitor, args: QDict) -> Any:
            return await mon.qmp.execute(qmp, args)

        return Entry(name, handler, qmp=(qmp,), **fields)

    def report(self, name: str, qmp: str, **fields: Any) -> Entry:
        """Declare a command that shows the text for people that a QMP command returns."""
        fields = {"effect": self.effect, "source": _caller(), **fields}

        async def handler(mon: Monitor, args: QDict) -> Any:
            from hmp.monitor.passthrough import query_text

            return mon.look(await query_text(mon, qmp))

        entry = Entry(name, handler, qmp=(qmp,), **fields)
        entry.textual = True
        return entry

    def passthrough(self, name: str, **fields: Any) -> Entry:
        """Declare a command that is sent on as ``human-monitor-command``."""
        fields = {"effect": self.effect, "source": _caller(), **fields}
        return Entry(name, None, qmp=("human-monitor-command",), **fields)


def _caller() -> str:
    """Return FILE:LINE of whoever declares an entry."""
    frame = sys._getframe(2)
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


command = Declare(CHANGE)
info = Declare(READ)


class Table:
    """Entries by each of their names."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.by_name: dict[str, Entry] = {}
        for entry in entries:
            self.add(entry)

    def add(self, entry: Entry) -> None:
        """Put an entry in. Raises TableError for a name that is there already."""
        for name in entry.names:
            other = self.by_name.get(name)
            if other is not None:
                places = " and ".join(filter(None, (other.source, entry.source)))
                raise TableError(f"'{name}' is declared twice ({places})")
            self.by_name[name] = entry

    def get(self, name: str) -> Entry | None:
        """Return the entry with that name or alias, or None."""
        return self.by_name.get(name)

    def names(self) -> Iterable[str]:
        """Return all names and aliases."""
        return self.by_name

    def __iter__(self) -> Iterator[Entry]:
        """Iterate over the entries, each once, in bytewise order of their names."""
        return iter(sorted(set(self.by_name.values()), key=lambda entry: entry.name))

    def __len__(self) -> int:
        return len(set(self.by_name.values()))

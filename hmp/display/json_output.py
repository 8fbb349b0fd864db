"""Writing results and errors as JSON, and the part of them that ``--query`` selects."""

from __future__ import annotations

import json

from hmp.display.output import Writer
from hmp.monitor.call import Text, presented
from hmp.monitor.errors import CommandFailedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from hmp.display.sink import Sink
    from hmp.monitor.call import Call
    from hmp.monitor.events import Event

_LONG = 1 << 20
"""The most characters of a string that are encoded at once."""
_MANY = 4096
"""The most items of a list that are encoded at once."""


def _dumped(value: Any) -> Iterator[str]:
    """Yield JSON, in pieces if it is long: signals are handled only in between."""
    kind = value.__class__
    before = ""
    if issubclass(kind, str) and len(value) > _LONG:
        yield '"'
        for at in range(0, len(value), _LONG):
            yield json.dumps(value[at : at + _LONG])[1:-1]
        yield '"'
    elif kind is list and len(value) > _MANY:
        yield "["
        for at in range(0, len(value), _MANY):
            yield before + json.dumps(value[at : at + _MANY], allow_nan=False)[1:-1]
            before = ", "
        yield "]"
    elif kind is dict and any(map(_is_long, value.values())):
        yield "{"
        for key, item in value.items():
            yield f"{before}{json.dumps(key)}: "
            yield from _dumped(item)
            before = ", "
        yield "}"
    else:
        yield json.dumps(value, allow_nan=False)


def _is_long(value: Any) -> bool:
    return value.__class__ in (str, list) and len(value) > _MANY


class JsonWriter(Writer):
    """Writes one line with a JSON object for each command, all on standard output.

    query: a JMESPath expression; its result replaces the value. Raises QueryError for an
    invalid one. head: members that begin every object.
    """

    def __init__(self, out: Sink, err: Sink, query: str | None = None) -> None:
        super().__init__(out, err)
        self.head: dict[str, Any] = {}
        self.search = compile_query(query) if query else None

    def show(self, call: Call) -> None:
        """Write an object for each machine that has run the line."""
        for part in self._parts(call):
            super().show(part)

    def _parts(self, call: Call) -> Iterator[Call]:
        """Yield the call of each machine, while `head` has the name of one of several."""
        head = self.head
        for name, part in call.each():
            self.head = {**head, "target": name} if name else head
            yield part
        self.head = head

    def result(self, call: Call) -> str:
        """Return the value, or the text of a command that only returns text."""
        # the key says which it is, so that a program need not guess whether a string is a
        # value
        value, kind = call.value, "text" if isinstance(call.value, Text) else "return"
        if self.search is not None and kind == "return":
            value = self.search(value)
        try:
            head = json.dumps({**self.head, "line": call.shown_line})
            return "".join([head[:-1], f', "{kind}": ', *_dumped(value), "}\n"])
        except ValueError:  # a machine never sends one, but a command may return it
            desc = "the value contains a number that JSON lacks: NaN or infinity"
            raise CommandFailedError(f"Error: {desc}\n") from None

    def piped(self, call: Call) -> str:
        """Return an object for each machine that has succeeded."""
        return "".join(presented(part, self.result) for part in self._parts(call))

    def event(self, event: Event) -> None:
        """Write the event, or the result of the query on it."""
        value = event if self.search is None else self.search(event)
        self.out.write(json.dumps(value) + "\n")
        self.out.flush()

    def failure(self, call: Call) -> None:
        """Write the error's class and description, and the column of a bad argument."""
        assert call.error is not None
        error: dict[str, Any] = {
            "class": call.error.error_class,
            "desc": call.error.desc,
        }
        column = getattr(call.error, "column", None)
        if column is not None:
            error["column"] = column
        if call.traceback:
            self.complain(call.traceback)
        whole = {**self.head, "line": call.shown_line, "error": error}
        self.out.write(json.dumps(whole) + "\n")


class RawWriter(JsonWriter):
    """Writes the values that a query selects, each on a line; strings as they are.

    A list becomes a line an item. Errors and results that are only text are written as
    `TextWriter` does.
    """

    def result(self, call: Call) -> str:
        """Return the selected values, or the text of a command that only returns text."""
        if isinstance(call.value, Text) or self.search is None:
            return self._named(call.text())
        return self._named(_lines(self.search(call.value)))

    def event(self, event: Event) -> None:
        """Write the part of the event that the query selects."""
        self.out.write(_lines(event if self.search is None else self.search(event)))
        self.out.flush()

    def failure(self, call: Call) -> None:
        """Show the error on standard error."""
        self.complain(self._named(call.error_text()))

    def _named(self, text: str) -> str:
        """Return text after the name of its machine, if that is one of several."""
        from hmp.monitor.gathered import after_name

        return after_name(self.head["target"], text) if "target" in self.head else text


def _lines(value: Any) -> str:
    """Return a value, or each item of a list, as a line."""
    items: list[Any] = value if isinstance(value, list) else [value]
    plain = (item if isinstance(item, str) else json.dumps(item) for item in items)
    return "".join(f"{text}\n" for text in plain)


class QueryError(Exception):
    """An invalid query; the text gives the reason."""


def compile_query(query: str) -> Callable[[Any], Any]:
    """Return the function that applies a JMESPath expression to a value.

    Raises QueryError.
    """
    try:
        import jmespath
        import jmespath.exceptions
    except ModuleNotFoundError as error:
        raise QueryError("--query needs the package jmespath") from error
    try:
        search: Callable[[Any], Any] = jmespath.compile(query).search
    except jmespath.exceptions.JMESPathError as error:
        # the lines that follow point into the query
        wrong = str(error).partition("\n")[0].rstrip(":").removesuffix(", for expression")
        raise QueryError(f"--query {query}: {wrong}") from error
    except RecursionError as error:
        raise QueryError("--query: the expression is nested too deeply") from error

    def apply(value: Any) -> Any:
        try:
            # its functions take no subclass for a list
            return search([*value] if isinstance(value, list) else value)
        except jmespath.exceptions.JMESPathError as error:
            text = " ".join(str(error).split())
            raise CommandFailedError(f"Error: --query: {text}\n") from error
        except RecursionError as error:
            deep = "Error: --query: the expression or the value is nested too deeply\n"
            raise CommandFailedError(deep) from error

    return apply

"""Writing results and errors: as text, JSON or Rich views, on two streams.

A writer turns a `Call` into one of the output formats. Standard output is flushed before
anything is written to standard error, so that both are in order on a terminal.
"""

from __future__ import annotations

import json
import os

from hmp.monitor.call import presented
from hmp.monitor.errors import CommandFailedError
from hmp.monitor.passthrough import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from hmp.display.sink import Sink
    from hmp.monitor.call import Call
    from hmp.monitor.events import Event


_LONG = 1 << 20
"""Characters that are encoded at once."""
_MANY = 4096
"""Items that are."""


class Writer:
    """Shows calls on two sinks; base of the output formats.

    detailed: whether it shows more than QEMU's own text.
    """

    detailed = True

    def __init__(self, out: Sink, err: Sink) -> None:
        self.out = out
        self.err = err

    def show(self, call: Call) -> None:
        """Show the result of a call, or its error."""
        text = presented(call, self.result)
        if call.error is None:
            self.out.write(text)
        else:
            self.failure(call)
        self.out.relieve()

    def result(self, call: Call) -> str:
        """Return the output for a call that succeeded."""
        raise NotImplementedError

    def piped(self, call: Call) -> str:
        """Return the output of a call for a program, or a file."""
        return call.lines()

    def event(self, event: Event) -> None:
        """Write an event at once. Raises OSError."""
        from hmp.display.event_text import event_line  # late, since most see no event

        self.out.write(f"{event_line(event)}\n")
        self.out.flush()

    def failure(self, call: Call) -> None:
        """Show the error of a call."""
        self.complain(call.error_text())

    def complain(self, text: str) -> None:
        """Write to standard error, after flushing standard output."""
        self.out.flush()
        self.err.write(text)
        self.err.flush()

    def flush(self) -> None:
        """Flush both streams; an embedded machine may write to either."""
        self.out.flush()
        self.err.flush()


class TextWriter(Writer):
    """Writes QEMU's own text byte for byte, but with plain line ends."""

    detailed = False

    def result(self, call: Call) -> str:
        """Return the text of the value."""
        return call.text()


def _dumped(value: Any) -> str:
    """Return JSON, made in pieces if it is long: signals are handled only in between."""
    kind = value.__class__
    if issubclass(kind, str) and len(value) > _LONG:
        starts = range(0, len(value), _LONG)
        return f'"{"".join(json.dumps(value[at : at + _LONG])[1:-1] for at in starts)}"'
    if kind is list and len(value) > _MANY:
        starts = range(0, len(value), _MANY)
        parts = (json.dumps(value[at : at + _MANY], allow_nan=False) for at in starts)
        return f"[{', '.join(part[1:-1] for part in parts)}]"
    if kind is dict and any(map(_is_long, value.values())):
        members = (f"{json.dumps(key)}: {_dumped(item)}" for key, item in value.items())
        return f"{{{', '.join(members)}}}"
    return json.dumps(value, allow_nan=False)


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
            return f'{head[:-1]}, "{kind}": {_dumped(value)}}}\n'
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


class RichWriter(Writer):
    """Writes views, or the text of a command that has no view."""

    def show(self, call: Call) -> None:
        """Write the view or the error of a call."""
        from hmp.display.richtext import present
        from hmp.display.screen import Screen

        text = present(call, Screen(self.out.fd, os.environ))
        if call.error is None:
            self.out.write(text, ours=True)
            self.out.relieve()
            return
        self.out.flush()
        self.err.write(text, ours=True)
        self.err.flush()


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
        raise QueryError(f"--query {query}: {error}") from error

    def apply(value: Any) -> Any:
        try:
            # its functions take no subclass for a list
            return search([*value] if isinstance(value, list) else value)
        except jmespath.exceptions.JMESPathError as error:
            text = " ".join(str(error).split())
            raise CommandFailedError(f"Error: --query: {text}\n") from error

    return apply


def make_writer(
    style: str, out: Sink, err: Sink, query: str | None = None, raw: bool = False
) -> Writer:
    """Return the writer for ``text``, ``rich`` or ``json``.

    query: a JMESPath expression for JSON output. raw: write its values plainly. Raises
    QueryError.
    """
    if style == "json" and raw:
        return RawWriter(out, err, query)
    if style == "json":
        return JsonWriter(out, err, query)
    return RichWriter(out, err) if style == "rich" else TextWriter(out, err)

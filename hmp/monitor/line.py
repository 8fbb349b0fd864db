"""One line of the monitor, whole or still being typed, parsed once.

`parse_line` finds the entry and reads the arguments; the `Line` that it returns
is what execution, colours, hints and completion all look at. It never raises: an
error is a field.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from hmp.language.args_type import read_arguments
from hmp.language.letters import ArgumentError, Scan
from hmp.language.qdict import QDict
from hmp.language.words import BLANKS
from hmp.monitor.errors import LineError, UnknownCommandError
from hmp.qmp.secrets import STARS, hide, mask_line, resembles, secrets_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hmp.language.args_type import Parameter
    from hmp.language.letters import Token
    from hmp.monitor.entry import Entry
    from hmp.monitor.table import Table

_COMMAND = re.compile(rf"[{BLANKS}]*([^{BLANKS}/]*)[{BLANKS}]*")
"""A word of a command's name, with the blanks around it."""
_OPTIONS = re.compile(r"(?:-\S+(?:\s+\S+)?\s*)*")

PRINT_DEFAULTS = ("x", 4)
"""The format letter and unit size of ``print`` and ``x`` before any is typed."""

NESTED = 20
"""How deep lines may hold lines; what is below is not run, and taken for secret."""


class Line:
    """A parsed line.

    entry: None when the command is not known, or none is there yet. words: where
    the words of the command's name stand. start: where its arguments begin.
    args: the arguments read so far. tokens: where they stand. error: what is
    wrong, or None. print_defaults: what the next format may leave out.
    """

    __slots__ = (
        "args",
        "entry",
        "error",
        "print_defaults",
        "start",
        "table",
        "text",
        "tokens",
        "words",
    )

    def __init__(self, text: str, table: Table) -> None:
        self.text = text
        self.table = table
        self.entry: Entry[Any] | None = None
        self.words: list[tuple[int, int]] = []
        self.start = 0
        self.args = QDict()
        self.tokens: list[Token] = []
        self.error: LineError | None = None
        self.print_defaults = PRINT_DEFAULTS

    @property
    def blank(self) -> bool:
        """Whether there is nothing on the line."""
        return not self.text.strip(BLANKS)

    @property
    def command(self) -> str:
        """The command's words as they stand in the text, with the blanks before them."""
        return self.text[: self.start].rstrip(BLANKS)

    @property
    def unfinished(self) -> bool:
        """Whether the line is good so far and only wants more."""
        return self.error is not None and self.error.column >= len(self.text)

    @property
    def expected(self) -> tuple[Parameter, ...]:
        """The parameters that may come next behind the last argument read.

        The flags and other skippable ones that are still possible, then the
        first that is not skippable. Text to the end of the line goes on.
        """
        if self.entry is None:
            return ()
        last = self.tokens[-1][2] if self.tokens else None
        if last is not None and last.type.letter == "S":
            return (last,)  # it has no end but the line's
        parameters = self.entry.parameters
        first = parameters.index(last) + 1 if last else 0
        for index in range(first, len(parameters)):
            if not parameters[index].skippable:
                return parameters[first : index + 1]
        return parameters[first:]

    def masked(self) -> str:
        """Return the text with what is secret in it starred out.

        Values of arguments that their command declares as secret, and all that
        `hmp.qmp.secrets` finds. Of a line that does not parse, or whose first word is
        but almost the name of such a command, the rest as well.
        """
        text = self.text
        for start, end in reversed(self._declared()):
            text = f"{text[:start]}{STARS}{text[end:]}"
        return mask_line(text)

    @property
    def holds_secret(self) -> bool:
        """Whether the line is one that nobody may keep."""
        return self.masked() != self.text

    def hide(self, text: str) -> str:
        """Return a text about this line, an error perhaps, without its secrets."""
        values = self.secrets()
        return hide(text, values) if values else text

    def secrets(self) -> Sequence[str]:
        """Return the texts that are secret, or may be a part of what is."""
        declared = [self.text[start:end] for start, end in self._declared()]
        return (*secrets_in(self.text), *declared)

    def _declared(self) -> list[tuple[int, int]]:
        """Return where values stand that their command declares as secret."""
        line, offset = self, 0
        for _ in range(NESTED):
            inner = inner_line(line)
            if inner is None or inner >= len(line.text):
                own = line._declared_here()
                return [(start + offset, end + offset) for start, end in own]
            line, offset = parse_line(line.text[inner:], self.table), offset + inner
        return [(offset, len(self.text))]

    def _declared_here(self) -> list[tuple[int, int]]:
        text = self.text
        if self.entry is None:
            word = text[slice(*self.words[0])] if self.words else ""
            near = any(resembles(word, name, 2) for name in self.table.secret_names())
            rest = text[self.words[0][1] :].strip() if near else ""
            return [(text.index(rest, self.words[0][1]), len(text))] if rest else []
        secrets = self.entry.secrets
        if not secrets:
            return []
        places = [(start, end) for start, end, p in self.tokens if p.key in secrets]
        if self.error is not None and not (places or self.unfinished):
            last = self.tokens[-1][1] if self.tokens else self.start
            rest = text[last:].strip()
            if rest:
                places.append((text.index(rest, last), len(text)))
        return places


def is_comment(text: str) -> bool:
    """Return whether a line is a comment: one that begins with #, behind any blanks."""
    return text.lstrip(BLANKS)[:1] == "#"


def parse_line(
    text: str,
    table: Table,
    registers: Mapping[str, int] | None = None,
    print_defaults: tuple[str, int] = PRINT_DEFAULTS,
) -> Line:
    """Parse a line by the table.

    registers: values of the CPU registers that are known, by name. print_defaults:
    format letter and unit size that a format may leave out.
    """
    line = Line(text, table)
    line.print_defaults = print_defaults
    _find_entry(line, table)
    entry = line.entry
    if entry is None:
        return line
    if not entry.parameters and line.start >= len(text):
        return line
    scan = Scan(text, line.start, _error_name(line), registers or {}, print_defaults)
    try:
        read_arguments(entry.parameters, scan)
    except ArgumentError as error:
        line.error = LineError(error, line.command)
    line.args = scan.args
    line.tokens = scan.tokens
    line.print_defaults = scan.defaults
    return line


def inner_line(line: Line) -> int | None:
    """Return where the line begins that an argument of a line is; None without one.

    Options before it, as ``watch`` has them, are stepped over.
    """
    if line.entry is None:
        return None
    for start, _, parameter in line.tokens:
        kind = line.entry.kinds.get(parameter.key)
        if kind is not None and kind.line:
            match = _OPTIONS.match(line.text, start)
            return match.end() if match else start
    return None


def _find_entry(line: Line, table: Table) -> None:
    """Follow the command's words through the table and its sub-tables."""
    text, index = line.text, 0
    while True:
        match = _COMMAND.match(text, index)
        assert match is not None  # it matches anything
        begin, end = match.span(1)
        if begin == len(text):
            return
        entry = table.get(text[begin:end])
        line.words.append((begin, end))
        if entry is None:
            line.entry = None
            line.error = UnknownCommandError(text[:end], begin)
            line.table = table
            return
        line.entry = entry
        line.start = index = match.end()
        if entry.subtable is None or index == len(text):
            return
        table = entry.subtable


def _error_name(line: Line) -> str:
    """Return the name that the monitor's messages begin with."""
    return line.entry.name if line.entry else ""

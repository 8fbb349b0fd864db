"""One line of the monitor, whole or still being typed, parsed once.

`parse_line` finds the entry and reads the arguments. Execution, colours, hints and
completion all use the `Line` that it returns. It never raises: an error is a field.
Nothing here asks the machine.
"""

from __future__ import annotations

import re

from hmp.language.args_type import read_arguments
from hmp.language.qdict import QDict
from hmp.language.scan import ArgumentError, Scan
from hmp.language.words import BLANKS
from hmp.monitor.entry import READ
from hmp.monitor.errors import LineError, UnknownCommandError
from hmp.qmp.exchange import is_query
from hmp.qmp.secret_names import STARS, resembles
from hmp.qmp.secrets import mask_line, secrets_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from hmp.language.scan import Parameter, Token
    from hmp.monitor.entry import Entry, Table
    from hmp.monitor.kinds import Kind

_COMMAND = rf"[{BLANKS}]*([^{BLANKS}/]*)[{BLANKS}]*"
"""A word of a command's name, with the blanks around it."""
_OPTIONS = r"(?:-\S+(?:\s+\S+)?\s*)*"

_WAITING = r"(?:-\S+\s+\S+\s+)*(-\S+)\s+"

PRINT_DEFAULTS = ("x", 4)
"""The format letter and unit size of ``print`` and ``x`` before any is typed."""

NESTED = 20
"""How deep lines may be nested; a deeper one is not run, and treated as secret."""


class Line:
    """A parsed line.

    entry: None if the command is unknown or not typed yet. words: the spans of the words
    of the command's name. start: where its arguments begin. args: the arguments read so
    far. tokens: their spans and parameters. error: None if the line parses.
    print_defaults: the defaults for the next format.
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
        self.print_defaults: tuple[str, int] = PRINT_DEFAULTS

    @property
    def blank(self) -> bool:
        """Whether the line is empty or only blanks."""
        return not self.text.strip(BLANKS)

    @property
    def command(self) -> str:
        """The command's words as typed, with the blanks before them."""
        return self.text[: self.start].rstrip(BLANKS)

    @property
    def unfinished(self) -> bool:
        """Whether the line is correct so far but incomplete."""
        if self.error is None:
            return False
        rest = self.text[self.error.column :]
        # an error at the end of the line: more typing may correct it
        return not rest or (rest == "-" and any(p.is_flag for p in self.expected))

    @property
    def begins_command(self) -> bool:
        """Whether it ends in a word with which a command's name begins."""
        if not self.words or self.words[-1][1] < len(self.text):
            return False
        word = self.text[self.words[-1][0] :]
        # "-" may begin a flag of the line that this one is within, as in watch -n
        return word == "-" or any(name.startswith(word) for name in self.table.names())

    @property
    def may_become_right(self) -> bool:
        """Whether its error may be gone when more is typed, or the machine reads it."""
        error = self.error
        if error is None:
            return False
        # only the machine knows its registers, so an unknown one may be right
        if self.unfinished or error.register is not None:
            return True
        # it ends within quotes, or in the beginning of a number (0x, 1.), "on" or "off"
        longer = (parse_line(self.text + end, self.table).error for end in '1nf"')
        return any(other is None or other.column > len(self.text) for other in longer)

    @property
    def expected(self) -> tuple[Parameter, ...]:
        """The parameters that may come after the last argument read.

        The flags and other skippable ones that are still possible, then the
        first that is not skippable. After text to the end of the line: that same one.
        """
        if self.entry is None:
            return ()
        last = self.tokens[-1][2] if self.tokens else None
        if last is not None and last.type.letter == "S":
            return (last,)  # it only ends with the line
        parameters = self.entry.parameters
        first = parameters.index(last) + 1 if last else 0
        for index in range(first, len(parameters)):
            if not parameters[index].skippable:
                return parameters[first : index + 1]
        return parameters[first:]

    @property
    def has_binary(self) -> bool:
        """Whether it has a number such as 0b11, which only some QEMUs read."""
        return any(
            parameter.type.letter in ("i", "l", "M")
            and re.search(r"(?<![\w.$])0[bB][01]", self.text[start:end])
            for start, end, parameter in self.tokens
        )

    @property
    def depends_on_machine(self) -> bool:
        """Whether it has a register without a value, or a number only some QEMUs read."""
        unknown = self.error is not None and self.error.register is not None
        return unknown or self.has_binary

    @property
    def query(self) -> str:
        """The QMP command that is all this line needs: one query without arguments.

        Empty for a line that needs anything else.
        """
        entry = self.entry
        if entry is None or self.error is not None or self.args or len(entry.qmp) != 1:
            return ""
        return entry.qmp[0] if entry.effect == READ and is_query(entry.qmp[0]) else ""

    def masked(self) -> str:
        """Return the text with its secrets starred out.

        These are the values of arguments that the command declares as secret, and all
        that `hmp.qmp.secrets` finds. If such a line does not parse, or its first word is a
        misspelling of such a command, the rest of the line is starred out as well.
        """
        text = self.text
        # from the end, so that the places before remain right
        for start, end in reversed(self._declared()):
            text = f"{text[:start]}{STARS}{text[end:]}"
        return mask_line(text)

    @property
    def holds_secret(self) -> bool:
        """Whether the line contains a secret, and so must not be stored."""
        return self.masked() != self.text

    def hide(self, text: str) -> str:
        """Return a text about this line, such as an error, without the line's secrets."""
        values = self.secrets()
        if not values:
            return text
        from hmp.qmp.masking import hide  # late: most lines have none

        return hide(text, values)

    def secrets(self) -> Sequence[str]:
        """Return the texts that are secret, or may be part of a secret."""
        declared = [self.text[start:end] for start, end in self._declared()]
        return (*secrets_in(self.text), *declared)

    def _declared(self) -> list[tuple[int, int]]:
        """Return the spans of the values that their command declares as secret."""
        # most lines: no argument, and so nothing that could be secret
        if self.entry is not None and not (self.tokens or self.entry.secrets):
            return []
        line, offset = self, 0
        # an argument may be a line itself, as in `watch info block`; its command counts
        for _ in range(NESTED):
            inner = inner_line(line)
            if inner is None:
                own = line._declared_here()
                return [(start + offset, end + offset) for start, end in own]
            line, offset = parse_line(line.text[inner:], self.table), offset + inner
        # nested more deeply than a line can run: star out all of it
        return [(offset, len(self.text))]

    def _declared_here(self) -> list[tuple[int, int]]:
        text = self.text
        if self.entry is None:
            # a misspelt command may be followed by the password of the right one
            word = text[slice(*self.words[0])] if self.words else ""
            near = any(resembles(word, name, 2) for name in self.table.secret_names())
            rest = text[self.words[0][1] :].strip() if near else ""
            return [(text.index(rest, self.words[0][1]), len(text))] if rest else []
        secrets = self.entry.secrets
        if not secrets:
            return []
        places = [(start, end) for start, end, p in self.tokens if p.key in secrets]
        # the secret was not reached: any of the rest may be it
        if self.error is not None and not (places or self.unfinished):
            last = self.tokens[-1][1] if self.tokens else self.start
            rest = text[last:].strip()
            if rest:
                places.append((text.index(rest, last), len(text)))
        return places


def is_comment(text: str) -> bool:
    """Return whether a line is a comment: its first character after any blanks is #."""
    return text.lstrip(BLANKS)[:1] == "#"


def is_comment_bytes(data: bytes) -> bool:
    """Return whether a line is a comment, before it is decoded."""
    return data.lstrip()[:1] == b"#"


def parse_line(
    text: str,
    table: Table,
    registers: Mapping[str, int] | None = None,
    print_defaults: tuple[str, int] = PRINT_DEFAULTS,
    version: tuple[int, int, int] | None = None,
    *,
    binary: bool = True,
) -> Line:
    """Parse a line by the table.

    registers: the known values of CPU registers, by name. print_defaults: the default
    format letter and unit size. version: of the machine; None for the newest. binary:
    whether it reads binary literals.
    """
    line = Line(text, table)
    line.print_defaults = print_defaults
    _find_entry(line, table)
    entry = line.entry
    if entry is None:
        return line
    # nothing to read, as for most lines of scripts: skip the rest for speed
    if not entry.parameters and line.start >= len(text):
        return line
    from hmp.monitor.releases import STRICT_SIZES  # late: many lines have no argument

    scan = Scan(
        text,
        line.start,
        _error_name(line),
        registers or {},
        print_defaults,
        old_sizes=version is not None and version < STRICT_SIZES,
        binary=binary,
    )
    try:
        read_arguments(entry.parameters, scan)
    except ArgumentError as error:
        line.error = LineError(error, line.command)
    line.args = scan.args
    line.tokens = scan.tokens
    line.print_defaults = scan.defaults
    return line


def inner_line(line: Line) -> int | None:
    """Return where the inner line begins if an argument is itself a line, else None.

    Skips options before it, as of ``watch``, unless the value of one is expected.
    """
    for start, kind in _kinds_of_tokens(line):
        if kind.line and option_kind(line) is None:
            match = re.compile(_OPTIONS).match(line.text, start)
            return match.end() if match else start
    return None


def option_kind(line: Line) -> Kind | None:
    """Return the kind of the value that an option before an inner line expects here."""
    for start, kind in _kinds_of_tokens(line):
        if kind.options:
            match = re.compile(_WAITING).fullmatch(line.text, start)
            return kind.options.get(match[1]) if match else None
    return None


def keeps_output(line: Line) -> bool:
    """Return whether a pipe or file after a line belongs to a line among its arguments."""
    return any(kind.piped for _, kind in _kinds_of_tokens(line))


def _kinds_of_tokens(line: Line) -> Iterator[tuple[int, Kind]]:
    """Yield where each argument begins, and its kind, of those that declare one."""
    if line.entry is None:
        return
    for start, _, parameter in line.tokens:
        kind = line.entry.kinds.get(parameter.key)
        if kind is not None:
            yield start, kind


def _find_entry(line: Line, table: Table) -> None:
    """Follow the command's words through the table and its sub-tables."""
    text, index = line.text, 0
    while True:
        begin, end, index = _command_word(text, index)
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
        line.start = index
        if entry.subtable is None or index == len(text):
            return
        table = entry.subtable


def _command_word(text: str, start: int) -> tuple[int, int, int]:
    """Return begin and end of a command's word, and the end of the blanks after it."""
    end = text.find(" ", start)
    if end < 0:
        end = len(text)
    # nearly every line: a plain word, and one blank or the end; much faster than the
    # pattern
    if text[start:end].replace("-", "_").isidentifier():
        after = text[end + 1 : end + 2]
        if not after or after not in BLANKS:
            return start, end, min(end + 1, len(text))
    match = re.compile(_COMMAND).match(text, start)
    assert match is not None  # the pattern matches any text
    return *match.span(1), match.end()


def _error_name(line: Line) -> str:
    """Return the command's name as QEMU's messages begin with it."""
    return line.entry.name if line.entry else ""

"""Reading the arguments of a line from left to right, and what each letter's reader offers.

`Scan` is the state of one line; `ArgumentType` is the base of the letters' objects in
`hmp.language.letters`, and a `Parameter` is one argument of a command, read by such an
object. `ArgumentError` is an argument that is refused.
"""

from __future__ import annotations

from hmp.language.qdict import QDict
from hmp.language.words import BLANKS, WordError, read_word, skip_blanks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    Token = tuple[int, int, "Parameter"]
    """An argument in the line: where it begins, where it ends, what it is for."""


class ArgumentError(ValueError):
    """An argument that the monitor refuses.

    message: QEMU's line, without its end; empty for errors on which QEMU prints nothing.
    column: an index into the line. reason: an explanation for people, where QEMU's
    monitor prints none or prints it elsewhere. register: the register that has no value
    here, if that is the only error.
    """

    def __init__(
        self,
        message: str,
        column: int,
        reason: str = "",
        register: str | None = None,
    ) -> None:
        super().__init__(message or reason)
        self.message = message
        self.column = column
        self.reason = reason
        self.register = register


class Scan:
    """One line while its arguments are read from left to right.

    old_sizes: whether to read sizes as QEMU before 8.1 does. binary: whether to read binary
    literals in expressions.
    """

    __slots__ = (
        "args",
        "binary",
        "defaults",
        "index",
        "name",
        "old_sizes",
        "registers",
        "text",
        "tokens",
    )

    def __init__(
        self,
        text: str,
        index: int,
        name: str,
        registers: Mapping[str, int],
        defaults: tuple[str, int],
        *,
        old_sizes: bool = False,
        binary: bool = True,
    ) -> None:
        self.text = text
        self.index = index
        self.name = name
        self.registers = registers
        self.defaults = defaults
        self.old_sizes = old_sizes
        self.binary = binary
        self.args = QDict()
        self.tokens: list[Token] = []

    def skip(self) -> bool:
        """Skip blanks; return whether any text is left."""
        self.index = skip_blanks(self.text, self.index)
        return self.index < len(self.text)

    def peek(self) -> str:
        """Return the next character, or an empty string at the line's end."""
        return self.text[self.index : self.index + 1]

    def read_word(self, complaint: str) -> str:
        """Read a word; complaint is QEMU's line when there is none."""
        try:
            word, self.index = read_word(self.text, self.index)
        except WordError as error:
            raise ArgumentError(complaint, error.column, error.reason) from error
        return word


class ArgumentType:
    """How one letter reads, names and describes an argument.

    style is what colours it: string, number, keyword, option or format. is_flag: whether it
    is a flag, such as ``-f``, whose letter is the one typed.
    """

    is_flag = False
    letter = ""
    noun = ""
    style = "string"

    def read(self, scan: Scan, parameter: Parameter) -> None:
        """Read the argument into scan.args, unless it is optional and absent.

        Raises ArgumentError.
        """
        if not scan.skip() and parameter.optional:
            return
        start = scan.index
        self.store(scan, parameter)
        # expressions are read with the blanks after them, which belong to no argument
        end = len(scan.text[: scan.index].rstrip(BLANKS))
        scan.tokens.append((start, max(start, end), parameter))

    def store(self, scan: Scan, parameter: Parameter) -> None:
        """Put the value at scan.index into the QDict. Raises ArgumentError."""
        scan.args[parameter.key] = self.value(scan)

    def value(self, scan: Scan) -> Any:
        """Return the value at scan.index. Raises ArgumentError."""
        raise NotImplementedError


class Parameter:
    """One argument of a command.

    key: its key in the QDict. type: the object of its letter. optional, dotted:
    whether it may be absent, and whether a ``.`` introduces it. rest: what
    follows it in the args_type.
    """

    __slots__ = ("dotted", "key", "optional", "rest", "type")

    def __init__(
        self, key: str, type_: ArgumentType, optional: bool, dotted: bool, rest: str
    ) -> None:
        self.key = key
        self.type = type_
        self.optional = optional
        self.dotted = dotted
        self.rest = rest

    @property
    def is_flag(self) -> bool:
        """Whether it is a flag, such as ``-f``."""
        return self.type.is_flag

    @property
    def skippable(self) -> bool:
        """Whether it may be left out although a later argument is given."""
        return self.is_flag or self.dotted or self.type.letter == "/"

    def __repr__(self) -> str:
        return f"Parameter({self.key}:{self.type.letter})"

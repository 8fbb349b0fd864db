"""The letters of an ``args_type``: one object for each way to read an argument.

An object reads its argument from a line (`Scan`), puts the value into the QDict
under the parameter's key, and describes itself. An argument that it refuses raises
`ArgumentError` in the words of QEMU's monitor. `hmp.language.args_type` combines the
objects into parameters; `LETTERS` at the end is the table of them.
"""

from __future__ import annotations

import re

from hmp.language.scan import ArgumentError, ArgumentType
from hmp.language.words import BLANKS, first_byte

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hmp.language.scan import Parameter, Scan

# what C's strtod reads, hexadecimal floating point included
_DOUBLE = (
    r"[+-]?(0[xX][0-9a-fA-F]*\.?[0-9a-fA-F]*(?:[pP][+-]?\d+)?"
    r"|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf(?:inity)?|nan)"
)
_INFINITY = float("inf")
_TIME_UNITS = {"ms": 1e3, "us": 1e6, "ns": 1e9}
# bytes of a unit; QEMU takes L for g
_UNIT_SIZES = {"b": 1, "h": 2, "w": 4, "g": 8, "L": 8}
_FORMAT = r"(\d*)([a-zA-Z]*)"
# QEMU takes printable characters of ASCII for this letter, and no quotes.
_GRAPHIC = r"[!-~]*"

IMPLIED_KEYS = {"device": "driver", "netdev": "type", "object": "qom-type"}
"""The key that an option list's first item implies, by the parameter's key."""


class SingleWord(ArgumentType):
    """``s``, ``F``, ``B``: one word, quoted or not."""

    def __init__(self, letter: str, noun: str, expected: str) -> None:
        self.letter = letter
        self.noun = noun
        self.expected = expected

    def value(self, scan: Scan) -> str:
        """Return the word, unquoted."""
        return scan.read_word(f"{scan.name}: {self.expected} expected")


class Rest(ArgumentType):
    """``S``: the rest of the line, unchanged."""

    letter = "S"
    noun = "text to the end of the line"

    def value(self, scan: Scan) -> str:
        """Return the rest of the line; blanks at its end count."""
        rest = scan.text[scan.index :]
        if not rest:
            raise ArgumentError(f"{scan.name}: string expected", scan.index)
        scan.index = len(scan.text)
        return rest


class OptionsWord(ArgumentType):
    """``O``: a QemuOpts list in one word, its keys put into the QDict themselves.

    An empty line is accepted, as in QEMU; the command then misses its members.
    Of a repeated key the last value counts, of a repeated id the first.
    """

    letter = "O"
    noun = "options key=value,…"

    def read(self, scan: Scan, parameter: Parameter) -> None:
        """Read the options; without any, leave the QDict unchanged."""
        if scan.skip():
            super().read(scan, parameter)

    def store(self, scan: Scan, parameter: Parameter) -> None:
        """Put each option into the QDict under its own key."""
        from hmp.language.qemu_opts import OptionsError, parse_options

        start = scan.index
        word = scan.read_word("")
        try:
            options = parse_options(word, IMPLIED_KEYS[parameter.key]).last()
        except OptionsError as error:
            raise ArgumentError("", start, str(error)) from error
        scan.args.update(options)


class Integer(ArgumentType):
    """``i``, ``l``, ``M``: an expression of 32 or 64 bits, or in MiB."""

    style = "number"

    def __init__(self, letter: str, noun: str) -> None:
        self.letter = letter
        self.noun = noun

    def read(self, scan: Scan, parameter: Parameter) -> None:
        """Read the expression; a dotted optional is present when a ``.`` is."""
        if parameter.dotted:
            if not scan.skip() or scan.peek() != ".":
                return
            scan.index += 1
        super().read(scan, parameter)

    def value(self, scan: Scan) -> int:
        """Return the value: 32 bits unsigned, 64 bits signed, or bytes."""
        # late, as for other letters: a run of one command needs a few of them
        from hmp.language.expression import ExpressionError, evaluate

        start = scan.index
        try:
            value, scan.index = evaluate(
                scan.text, start, scan.registers, binary=scan.binary
            )
        except ExpressionError as error:
            raise ArgumentError(
                error.message, error.column, register=error.register
            ) from error
        if self.letter == "i" and not 0 <= value < 1 << 32:
            message = f"'{scan.name}' has failed: integer is for 32-bit values"
            raise ArgumentError(message, start)
        if self.letter == "M":
            if value < 0:
                raise ArgumentError("enter a positive value", start)
            # QEMU multiplies in 64 bits, and does not look for an overflow
            return _wrapped(value << 20)
        return value


class Size(ArgumentType):
    """``o``: a size in bytes; MiB when no suffix says otherwise."""

    letter = "o"
    noun = "size (in MiB, or with a suffix B K M G T P E)"
    style = "number"

    def value(self, scan: Scan) -> int:
        """Return bytes, at most INT64_MAX."""
        from hmp.language.size import SizeError, read_size

        start = scan.index
        try:
            value, scan.index = read_size(scan.text, start, "M", old=scan.old_sizes)
        except SizeError as error:
            raise ArgumentError("invalid size", start, str(error)) from error
        if value >= 1 << 63:
            raise ArgumentError("invalid size", start, "too large")
        return value


class Time(ArgumentType):
    """``T``: seconds, or with a suffix ms, us or ns."""

    letter = "T"
    noun = "time (in seconds, or with a suffix ms us ns)"
    style = "number"

    def value(self, scan: Scan) -> float:
        """Return seconds."""
        match = re.match(_DOUBLE, scan.text[scan.index :], re.IGNORECASE)
        if match is None:
            raise ArgumentError("Number expected", scan.index)
        value, end = _strtod(match.group()), scan.index + match.end()
        if not abs(value) < _INFINITY:  # nor is "nan" less
            raise ArgumentError("Bad number", scan.index)
        unit = scan.text[end : end + 2]
        if unit in _TIME_UNITS:
            value, end = value / _TIME_UNITS[unit], end + 2
        if scan.text[end : end + 1] not in ("", *BLANKS):
            raise ArgumentError("Unknown unit suffix", end)
        scan.index = end
        return value


class OnOff(ArgumentType):
    """``b``: ``on`` or ``off``."""

    letter = "b"
    noun = "on or off"
    style = "keyword"

    def value(self, scan: Scan) -> bool:
        """Return True for on."""
        match = re.match(_GRAPHIC, scan.text[scan.index :])
        word = match.group() if match else ""
        if word not in ("on", "off"):
            raise ArgumentError("Expected 'on' or 'off'", scan.index)
        scan.index += len(word)
        return word == "on"


class Format(ArgumentType):
    """``/``: an optional ``/fmt`` as in ``/8xw``: count, format letter, unit size.

    The QDict gets ``count``, ``format`` and ``size`` (bytes; -1 for instructions
    without one), even when no format was typed. Parts that a format leaves out come from
    the last one, in scan.defaults, which a typed format replaces.
    """

    letter = "/"
    noun = "format: count, one of o d u x i c, and unit b h w g"
    style = "format"

    def read(self, scan: Scan, parameter: Parameter) -> None:
        """Read the format, or take the defaults. Raises ArgumentError."""
        letter, size = scan.defaults
        count = 1
        if scan.skip() and scan.peek() == "/":
            start = scan.index
            count, letter, size = self._typed(scan)
            scan.tokens.append((start, scan.index, parameter))
        elif letter == "i":
            size = -1
        scan.args.update(count=count, format=letter, size=size)

    def _typed(self, scan: Scan) -> tuple[int, str, int]:
        default_letter, default_size = scan.defaults
        match = re.match(_FORMAT, scan.text[scan.index + 1 :], re.ASCII)
        digits, letters = match.groups() if match else ("", "")
        end = scan.index + 1 + len(digits)
        letter, size = "", -1
        for char in letters:
            if char in "oduxic":
                letter = char
            elif char in _UNIT_SIZES:
                size = _UNIT_SIZES[char]
            else:
                break
            end += 1
        rest = scan.text[end : end + 1]
        if rest not in ("", *BLANKS):
            raise ArgumentError(f"invalid char in format: '{first_byte(rest)}'", end)
        scan.index = end
        letter = letter or default_letter
        # instructions have no unit size, and leave that of the next format alone
        if letter != "i":
            size = default_size if size < 0 else size
            default_size = size
        scan.defaults = (letter, default_size)
        return _count(digits or "1"), letter, size


class Flag(ArgumentType):
    """``-x``: an optional flag; followed by ``s``, a flag that takes a word."""

    is_flag = True
    style = "option"

    def __init__(self, letter: str, takes_value: bool) -> None:
        self.letter = letter
        self.takes_value = takes_value
        self.noun = f"-{letter} VALUE" if takes_value else f"-{letter}"

    def read(self, scan: Scan, parameter: Parameter) -> None:
        """Read the flag if it is next.

        Leaves another flag of the command for its own turn. Raises ArgumentError for an
        unknown one.
        """
        if not scan.skip() or scan.peek() != "-":
            return
        start = scan.index
        letter = scan.text[start + 1 : start + 2]
        if letter != self.letter:
            # QEMU looks for the letter in all that is left of the args_type
            if f"-{letter}" in parameter.rest:
                return
            # ... and prints no letter after a dash at the end of the line
            message = f"{scan.name}: unsupported option -{first_byte(letter)}"
            raise ArgumentError(message, start)
        scan.index += 2
        if self.takes_value:
            scan.skip()
            complaint = f"{scan.name}: value expected for -{self.letter}"
            scan.args[parameter.key] = scan.read_word(complaint)
        else:
            scan.args[parameter.key] = True
        scan.tokens.append((start, scan.index, parameter))


def _count(digits: str) -> int:
    """Read a count of any length the way C does, in 32 bits."""
    count = 0
    for digit in digits:
        count = (count * 10 + int(digit)) % (1 << 32)
    return count


def _wrapped(value: int) -> int:
    return (value + (1 << 63)) % (1 << 64) - (1 << 63)


def _strtod(text: str) -> float:
    if "x" not in text.lower():
        return float(text)
    try:
        return float.fromhex(text)
    except (ValueError, OverflowError):
        # unlike C, Python refuses what is out of range
        return _INFINITY


LETTERS: dict[str, ArgumentType] = {
    "s": SingleWord("s", "word", "string"),
    "F": SingleWord("F", "file name", "filename"),
    "B": SingleWord("B", "block device", "block device name"),
    "S": Rest(),
    "O": OptionsWord(),
    "i": Integer("i", "integer, 32 bits"),
    "l": Integer("l", "integer, 64 bits"),
    "M": Integer("M", "integer, in MiB"),
    "o": Size(),
    "T": Time(),
    "b": OnOff(),
    "/": Format(),
}
"""The object of each letter; flags (``-x``) are made one by one."""

"""Values of migration parameters, from the text of ``migrate_set_parameter``.

The machine's schema distinguishes numbers, switches, strings and lists. It does not say
which numbers are sizes: all but a few are, two of them in MiB.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from commands._numbers import NUMBER
from hmp.authoring import (
    BLANKS,
    CoercionError,
    CommandFailedError,
    Introspected,
    Monitor,
    SizeError,
    UsageError,
    WordError,
    plain_size,
    read_size,
    read_switch,
    read_word,
    releases,
)

if TYPE_CHECKING:
    Value = str | int | bool | list[str]

# without a suffix QEMU's monitor reads these in MiB, other sizes in bytes
_IN_MEBIBYTES = ("max-bandwidth", "avail-switchover-bandwidth")
_BITS = {
    **dict.fromkeys(("compress-level", "compress-threads", "decompress-threads"), 8),
    **dict.fromkeys(("throttle-trigger-threshold", "max-cpu-throttle"), 8),
    **dict.fromkeys(("cpu-throttle-initial", "cpu-throttle-increment"), 8),
    **dict.fromkeys(("multifd-channels", "multifd-zlib-level"), 8),
    **dict.fromkeys(("multifd-zstd-level", "multifd-qatzip-level"), 8),
    "x-checkpoint-delay": 32,
}
"""The widths in bits of the numbers that are not sizes."""
_DIFFERS = r"\s*\+?(?:\.|0[xX](?![0-9a-fA-F]+\Z))"
"""Beginnings of sizes that some releases take and others refuse, as .5G and 0x1k."""
_BINARY = r"\s*[+-]?0[bB][01]"
"""Beginnings of numbers that QEMU reads or refuses by its C library."""


class ParameterError(CommandFailedError):
    """A value that its parameter does not accept."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(f"Error: {reason}\n{hint}", reason)


class UnreadableError(ValueError):
    """A text that only QEMU's own monitor can judge."""


def one_word(mon: Monitor, text: str) -> str:
    """Return the value at the end of a line. Raises UsageError."""
    name = "migrate_set_parameter"
    if mon.qmp.version >= releases.WHOLE_LINE_VALUES:
        return text
    try:
        word, end = read_word(text, 0)
    except WordError as error:
        raise UsageError(
            mon.line.command, f"{name}: string expected", shown=True
        ) from error
    if text[end:].strip(BLANKS):
        reason = f"{name}: extraneous characters at the end of line"
        raise UsageError(mon.line.command, reason, shown=True)
    return word


def parameter_value(schema: Introspected, name: str, text: str) -> Value:
    """Return the value of a parameter as QMP takes it.

    Raises ParameterError, and UnreadableError if only QEMU can read the text.
    """
    kinds = {m["name"]: m["type"] for m in schema.members("migrate-set-parameters")}
    if name not in kinds:
        raise ParameterError(f"invalid parameter value: {name}")
    if name == "block-bitmap-mapping":
        raise ParameterError(f"The {name} parameter can only be set through QMP")
    entry = schema.entries.get(kinds[name], {})
    if entry.get("meta-type") == "array":
        return _words(text)
    if entry.get("json-type") == "boolean":
        return _switch(name, text)
    if entry.get("json-type") != "int":
        return text
    if name in _IN_MEBIBYTES:
        return _mebibytes(text)
    return _integer(name, text) if name in _BITS else _size(text)


def _words(text: str) -> list[str]:
    """Split as a shell does; comments and escapes in quotes are left to QEMU."""
    # QEMU splits by GLib's g_shell_parse_argv, which knows comments, and other escapes in
    # quotes
    if "#" in text or ("\\" in text and '"' in text):
        raise UnreadableError(text)
    try:
        return shlex.split(text)
    except ValueError as error:
        raise UnreadableError(text) from error


def _switch(name: str, text: str) -> bool:
    try:
        return read_switch(text)
    except CoercionError as error:
        raise ParameterError(f"Parameter '{name}' expects {error}") from error


def _integer(name: str, text: str) -> int:
    """Read a number as C does; a negative number wraps around.

    Raises ParameterError, and UnreadableError for a binary number, which only some C
    libraries read.
    """
    if re.match(_BINARY, text):
        raise UnreadableError(text)
    match = re.fullmatch(NUMBER, text)
    # text that is not a number gets the error of one that is too large
    value = _literal(match[2]) if match else 1 << 64
    if value >= 1 << 64:
        raise ParameterError(f"Parameter '{name}' expects uint64")
    if match and match[1] == "-":
        value = -value % (1 << 64)
    if value >> _BITS[name]:
        raise ParameterError(f"Parameter '{name}' expects uint{_BITS[name]}_t")
    return value


def _literal(digits: str) -> int:
    octal = digits.startswith("0") and digits.isdigit()
    return int(digits, 8 if octal else 0)


def _mebibytes(text: str) -> int:
    """Read a size in MiB. Raises ParameterError, and UnreadableError as `_size` does."""
    if re.match(_DIFFERS, text):
        raise UnreadableError(text)
    try:
        value, end = read_size(text, 0, "M")
    except SizeError:
        # -1 is never the end of the text, so this is refused below
        value, end = 0, -1
    if end != len(text) or value >= 1 << 63:
        raise ParameterError(f"Invalid size {text}")
    return value


def _size(text: str) -> int:
    """Read a size in bytes. Raises UnreadableError for forms that releases read unlike."""
    value = plain_size(text)
    if value is None:
        raise UnreadableError(text)
    return value

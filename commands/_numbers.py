"""Numbers and sizes in QemuOpts option lists, with the errors of QEMU's monitor."""

from __future__ import annotations

import re

from hmp.authoring import CoercionError, OptionsError, SizeError, read_size

SIZE_HINT = (
    "Optional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, peta-\n"
    "and exabytes, respectively.\n"
)
# as C's strtoull reads it with base 0: blanks, a sign, hexadecimal, octal or decimal
NUMBER = r"[ \t\n\v\f\r]*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)"
_TOO_LARGE = r"\+?(0[xX][0-9a-fA-F]+|[0-9]+[bB]?|[0-9]*\.?[0-9]*[kmgtpeKMGTPE])"
_OUTSIDE = rf"-[0-9]+|{_TOO_LARGE}"


def c_integer(text: str) -> int | None:
    """Read an unsigned 64-bit number as C does: a negative number wraps around.

    Returns None for text that is not such a number.
    """
    match = re.fullmatch(NUMBER, text)
    # 24 characters hold 64 bits in octal; int() of thousands would take long
    if match is None or len(match[2]) > 24:
        return None
    digits = match[2]
    # C's literals: Python refuses a leading 0
    octal = digits.startswith("0") and digits.isdigit()
    value = int(digits, 8 if octal else 0)
    if value >= 1 << 64:
        return None
    return -value % (1 << 64) if match[1] == "-" else value


def read_number(key: str, text: str) -> int:
    """Read a number. Raises OptionsError, CoercionError."""
    value = c_integer(text)
    if value is not None:
        return value
    if re.fullmatch(NUMBER, text):
        raise OptionsError(f"Value '{text}' is too large for parameter '{key}'")
    raise CoercionError("a number")


def read_size_option(key: str, text: str) -> int:
    """Read a size.

    Raises OptionsError for a size out of range, CoercionError for any other text.
    """
    try:
        value, end = read_size(text, 0)
        if end == len(text):
            return value
    except SizeError:
        pass
    if re.fullmatch(_OUTSIDE, text):
        raise OptionsError(f"Value '{text}' is out of range for parameter '{key}'")
    raise CoercionError("a non-negative number below 2^64")

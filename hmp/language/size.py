"""Sizes with suffixes and fractions, as in ``1.5G`` (argument type ``o``).

A decimal number with an optional fraction and one letter of ``B K M G T P E``
(either case, powers of 1024), or a hexadecimal integer without either. The
fraction is a double, as in QEMU; results are rounded half up and must fit into
64 bits. QEMU before 8.1 also accepts a suffix after a hexadecimal number, requires a
digit before the point, and refuses a fraction with an exponent.
"""

import re

_MAXIMUM = (1 << 64) - 1
_POWERS = {letter: power for power, letter in enumerate("BKMGTPE")}
# blanks and a plus sign may come first, as strtoull takes them; no fraction may follow
_HEXADECIMAL = re.compile(r"[ \t\n\v\f\r]*\+?(0[xX][0-9a-fA-F]+)")
# either half may be missing: "1.", ".5"
_DECIMAL = re.compile(r"[ \t\n\v\f\r]*\+?(\d+)?(\.\d*)?", re.ASCII)
_EXPONENT = re.compile(r"[eE][+-]?\d", re.ASCII)


class SizeError(ValueError):
    """The text is not a size."""


def read_size(
    text: str, start: int, default: str = "B", *, old: bool = False
) -> tuple[int, int]:
    """Read the size at start; default is the suffix that a bare number has.

    old: read it as QEMU before 8.1 does.

    Returns bytes and the index after the size, where any text may follow.
    Raises SizeError.
    """
    match = _HEXADECIMAL.match(text, start)
    if match:
        return _read_hexadecimal(text, match, default, old)
    match = _DECIMAL.match(text, start)
    bare = not old and match is not None and len(match[2] or "") > 1
    if match is None or not (match[1] or bare):
        missing = start == len(text)
        raise SizeError("a size is missing, such as 10G" if missing else "not a number")
    whole, fraction, end = match[1] or "0", (match[2] or "")[1:], match.end()
    if old and match[2] and _EXPONENT.match(text, end):
        raise SizeError("a size has no exponent")
    power = _POWERS.get(text[end : end + 1].upper() or " ")
    if power is None:
        power = _POWERS[default]
    else:
        end += 1
    if power == 0 and fraction.strip("0"):
        raise SizeError("a fraction needs a unit")
    # 21 digits already exceed 64 bits; Python refuses to convert thousands
    integer = int(whole.lstrip("0")[:21] or 0)
    fixed = (integer << 64) + int(float(f"0.{fraction or 0}") * 2**64)
    return _bounded(((fixed << (10 * power)) + (1 << 63)) >> 64), end


def _read_hexadecimal(
    text: str, match: re.Match[str], default: str, old: bool
) -> tuple[int, int]:
    end = match.end()
    unit = text[end : end + 1].upper()
    if unit in _POWERS and old:
        return _bounded(int(match[1], 16) << (10 * _POWERS[unit])), end + 1
    if unit in (".", *_POWERS):
        raise SizeError("a hexadecimal number has neither fraction nor unit")
    return _bounded(int(match[1], 16) << (10 * _POWERS[default])), end


def _bounded(value: int) -> int:
    if value > _MAXIMUM:
        raise SizeError("too large")
    return value


def size_text(value: float) -> str:
    """Write a number of bytes the way QEMU does: three digits and a binary prefix."""
    index = 0
    # three digits: 1,000 would need a fourth, so the next unit begins there and not at
    # 1,024
    while value >= 1000 and index < 6:
        value /= 1024
        index += 1
    return f"{value:0.3g} {('', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei')[index]}B"

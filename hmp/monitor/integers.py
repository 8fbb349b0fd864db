"""Integers of QMP requests: how texts are read as such, and which members take which.

QMP's introspection calls every integer ``int``. QEMU takes -1 for a size as 2^64-1, and may
crash, so the members that are unsigned are listed here, by name.
"""

from __future__ import annotations

import re

from hmp.language.size import SizeError, read_size
from hmp.monitor.errors import CommandFailedError

_INTEGER = r"-?(?:0|[1-9][0-9]*|0[0-7]+|0[xX][0-9a-fA-F]+)"
# Below 2**63 in each notation, so that signed and unsigned readers agree.
_PLAIN_INTEGER = r"0|[1-9][0-9]{0,17}|0[xX][0-9a-fA-F]{1,15}"
_PLAIN_SIZE = r"(0|[1-9][0-9]{0,6})[bBkKmMgGtT]"

_SIZES = frozenset(
    [
        "align",
        "bandwidth",
        "block-size",
        "cache-size",
        "cluster-size",
        "extent-size-hint",
        "hugetlbsize",
        "length",
        "log-size",
        "logical-block-size",
        "max-size",
        "mem",
        "min-cluster-size",
        "offset",
        "size",
        "sndbuf",
        "speed",
        "l2-cache-entry-size",
        "l2-cache-size",
        "refcount-cache-size",
        "avail-switchover-bandwidth",
        "max-bandwidth",
        "max-postcopy-bandwidth",
        "announce-initial",
        "announce-max",
        "announce-rounds",
        "announce-step",
        "xbzrle-cache-size",
    ]
)
"""Members of the schema's type ``size``, and those that QEMU's options and own monitor
read as sizes."""
_UNSIGNED = frozenset(
    [
        "attributes",
        "boundaries",
        "boundaries-flush",
        "boundaries-read",
        "boundaries-write",
        "boundaries-zap",
        "compare_timeout",
        "correction-mask",
        "dirty-rate",
        "downtime-limit",
        "dpa",
        "gpa",
        "latency",
        "latency-ns",
        "len",
        "log-super-update-interval",
        "policy",
        "rxcookie",
        "start",
        "throttle-bps",
        "throttle-ops",
        "txcookie",
        "vcpu-dirty-limit",
        "write-threshold",
        "x-rdma-chunk-size",
        "x-vcpu-dirty-limit-period",
    ]
)
"""Members of the schema's type ``uint64``; ``val``, an address, was signed at first."""


class CoercionError(ValueError):
    """A text that does not convert; the error's text names the expected kind."""


def plain_integer(text: str) -> int | None:
    """Read an integer that means the same to all of QEMU's readers of numbers.

    Returns None for any other text: some of them read a leading 0 as octal, and a
    negative number as a very large one.
    """
    # the pattern first: int() would take "1_000", and blanks around it
    return int(text, 0) if re.fullmatch(_PLAIN_INTEGER, text) else None


def plain_size(text: str) -> int | None:
    """Read a size that means the same to every release of QEMU, or return None."""
    if re.fullmatch(_PLAIN_SIZE, text) is None:
        return plain_integer(text)
    value, _ = read_size(text, 0)
    return value if value < 1 << 63 else None


def read_whole_size(text: str, *, old: bool = False) -> int:
    """Read a text that consists of a size, as `read_size`. Raises CoercionError."""
    try:
        value, end = read_size(text, 0, old=old)
    except SizeError:
        raise CoercionError("size") from None
    if end != len(text):
        raise CoercionError("size")
    return value


def read_integer(text: str) -> int:
    """Read an integer of 64 bits the way C does. Raises CoercionError."""
    # 24 characters hold 64 bits in octal; int() of thousands would take long
    if not re.fullmatch(_INTEGER, text) or len(text) > 24:
        raise CoercionError("integer")
    digits = text.removeprefix("-")
    # in C a leading 0 means octal, which Python's base 0 refuses
    octal = digits.startswith("0") and digits.isdigit()
    value = int(digits, 8 if octal else 0)
    if value >= 1 << 64:
        raise CoercionError("integer")
    return -value if text.startswith("-") else value


def read_member(name: str, text: str) -> int:
    """Read the integer of a member, a size with its unit. Raises CoercionError."""
    return read_whole_size(text) if name in _SIZES else read_integer(text)


def check_integer(name: str, value: int) -> None:
    """Raise CoercionError for a number that QEMU would take for another one."""
    if value < 0 and name in _SIZES:
        raise CoercionError("size")
    if value < 0 and name in _UNSIGNED:
        raise CoercionError("uint64")
    if not -(1 << 63) <= value < 1 << 64:
        raise CoercionError("integer")


def check_member(path: str, value: int) -> None:
    """Check the integer of the member at a path. Raises CommandFailedError."""
    try:
        check_integer(path.rpartition(".")[2], value)
    except CoercionError as error:
        raise CommandFailedError(f"Error: Parameter '{path}' expects {error}\n") from error

"""Integers of QMP requests: which members are sizes, and which cannot be negative.

QMP's introspection calls every integer ``int``. QEMU takes -1 for a size as 2^64-1, and may
die of it, so the members that are unsigned are listed here, by name.
"""

from __future__ import annotations

from hmp.monitor.coerce import CoercionError, read_integer, read_whole_size

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

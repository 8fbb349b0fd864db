"""The lines of ``info migrate`` as QEMU up to 10.0 prints them after the globals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from info._migration import blocked_lines, reason, uri
from info._ranges import ranges

if TYPE_CHECKING:
    from hmp.qmp.reply_types import MigrationInfo

# {0} is the number, {1} the same in units of 1024
_TIMES = (
    ("expected-downtime", "expected downtime: {} ms"),
    ("downtime", "downtime: {} ms"),
    ("setup-time", "setup: {} ms"),
)
# members of the reply, and the line of each: {0} is the number, {1} the same in KiB
_RAM = (
    ("transferred", "transferred ram: {1} kbytes"),
    ("mbps", "throughput: {0:0.2f} mbps"),
    ("remaining", "remaining ram: {1} kbytes"),
    ("total", "total ram: {1} kbytes"),
    ("duplicate", "duplicate: {} pages"),
    ("skipped", "skipped: {} pages"),
    ("normal", "normal: {} pages"),
    ("normal-bytes", "normal bytes: {1} kbytes"),
    ("dirty-sync-count", "dirty sync count: {}"),
    ("page-size", "page size: {1} kbytes"),
    ("multifd-bytes", "multifd bytes: {1} kbytes"),
    ("pages-per-second", "pages-per-second: {}"),
)
# QEMU leaves these counters out while they are 0
_RAM_UNLESS_0 = (
    ("dirty-pages-rate", "dirty pages rate: {} pages"),
    ("postcopy-requests", "postcopy request count: {}"),
    ("precopy-bytes", "precopy ram: {1} kbytes"),
    ("downtime-bytes", "downtime ram: {1} kbytes"),
    ("postcopy-bytes", "postcopy ram: {1} kbytes"),
    ("dirty-sync-missed-zero-copy", "Zero-copy-send fallbacks happened: {} times"),
)
_DISK = (
    ("transferred", "transferred disk: {1} kbytes"),
    ("remaining", "remaining disk: {1} kbytes"),
    ("total", "total disk: {1} kbytes"),
)
_CACHE = (
    ("cache-size", "cache size: {} bytes"),
    ("bytes", "xbzrle transferred: {1} kbytes"),
    ("pages", "xbzrle pages: {} pages"),
    ("cache-miss", "xbzrle cache miss: {} pages"),
    ("cache-miss-rate", "xbzrle cache miss rate: {0:0.2f}"),
    ("encoding-rate", "xbzrle encoding rate: {0:0.2f}"),
    ("overflow", "xbzrle overflow: {}"),
)
_COMPRESSION = (
    ("pages", "compression pages: {} pages"),
    ("busy", "compression busy: {}"),
    ("busy-rate", "compression busy rate: {0:0.2f}"),
    ("compressed-size", "compressed size: {1} kbytes"),
    ("compression-rate", "compression rate: {0:0.2f}"),
)
_LIMITS = (
    ("cpu-throttle-percentage", "cpu throttle percentage: {}"),
    ("dirty-limit-throttle-time-per-round", "dirty-limit throttle time: {} us"),
    ("dirty-limit-ring-full-time", "dirty-limit ring full time: {} us"),
    ("postcopy-blocktime", "postcopy blocktime: {}"),
)


def old_lines(info: MigrationInfo) -> Iterator[str]:
    """Yield all lines except the globals."""
    yield from blocked_lines(info)
    if "status" in info:
        yield f"Migration status: {info['status']}{reason(info, 'failed')}"
        yield f"total time: {info.get('total-time', 0)} ms"
        yield from _told(_TIMES, info)
    ram: Mapping[str, object] = info.get("ram", {})
    yield from _told(_RAM, ram)
    yield from _told(_RAM_UNLESS_0, {key: value for key, value in ram.items() if value})
    yield from _told(_DISK, info.get("disk", {}))
    yield from _told(_CACHE, info.get("xbzrle-cache", {}))
    yield from _told(_COMPRESSION, info.get("compression", {}))
    yield from _told(_LIMITS, info)
    if "postcopy-vcpu-blocktime" in info:
        yield f"postcopy vcpu blocktime: {ranges(info['postcopy-vcpu-blocktime'])}"
    if "socket-address" in info:
        yield "socket address: ["
        yield from (f"\t{uri(address)}" for address in info["socket-address"])
        yield "]"
    if "vfio" in info:
        yield f"vfio device transferred: {info['vfio']['transferred'] >> 10} kbytes"


def _told(table: Iterable[tuple[str, str]], members: Mapping[str, object]) -> Iterator[str]:
    """Yield a line for each member of a table that the reply has."""
    for key, line in table:
        value = members.get(key)
        if isinstance(value, int | float):
            yield line.format(value, int(value) >> 10)

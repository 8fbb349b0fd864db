"""The lines of ``info migrate`` as QEMU 10.1 and later print them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from hmp.authoring import releases, size_text

if TYPE_CHECKING:
    from hmp.qmp.reply_types import MigrationInfo, MigrationStats, SocketAddress, VfioStats


def blocked_lines(info: MigrationInfo) -> Iterator[str]:
    """Yield the reasons why the machine cannot be migrated."""
    if "blocked-reasons" in info:
        yield "Outgoing migration blocked:"
        yield from (f"  {reason}" for reason in info["blocked-reasons"])


def uri(address: SocketAddress) -> str:
    """Write a SocketAddress as the URI of a migration."""
    kind = address["type"]
    if kind == "inet":
        return f"tcp:{address['host']}:{address['port']}"
    if kind == "unix":
        return f"unix:{address['path']}"
    if kind == "fd":
        # the schema calls this member ``str``, which none of the other kinds have
        return f"fd:{address.get('str', '')}"
    if kind == "vsock":
        return f"vsock:{address['cid']}:{address['port']}"
    return "unknown address type"


def reason(info: MigrationInfo, *states: str) -> str:
    """Return the error in brackets if the migration is in one of these states."""
    if info.get("status") not in states or "error-desc" not in info:
        return ""
    return f" ({info['error-desc']})"


def lines(info: MigrationInfo) -> Iterator[str]:
    """Yield the lines that are shown without -a."""
    yield from blocked_lines(info)
    if "status" in info:
        why = reason(info, "failed", "postcopy-paused")
        yield f"Status: \t\t{info['status']}{why}"
        yield from _times(info)
        remaining = info.get("remaining")  # newer than the schema
        if isinstance(remaining, int):
            yield f"Remaining: \t\t{size_text(remaining)}"
    if "socket-address" in info:
        yield "Sockets: ["
        yield from (f"\t{uri(address)}" for address in info["socket-address"])
        yield "]"
    if "ram" in info:
        yield from _ram(info["ram"], info.get("vfio"))


def _listed(pairs: Iterable[tuple[str, object]]) -> str:
    return "".join(f", {name}={value}" for name, value in pairs if value is not None)


def _times(info: MigrationInfo) -> Iterator[str]:
    if info.get("total-time"):
        times = _listed(
            [
                ("setup", info.get("setup-time")),
                ("exp_down", info.get("expected-downtime")),
                ("down", info.get("downtime")),
            ]
        )
        yield f"Time (ms): \t\ttotal={info['total-time']}{times}"


_LATER = (
    "downtime-bytes",
    "precopy-bytes",
    "postcopy-bytes",
    "dirty-sync-missed-zero-copy",
)
"""Counters that older releases do not have; they count as 0."""


def _ram(ram: MigrationStats, vfio: VfioStats | None) -> Iterator[str]:
    counters: dict[str, object] = {**dict.fromkeys(_LATER, 0), **ram}
    size = {
        key: size_text(value)
        for key, value in counters.items()
        if isinstance(value, int | float)
    }
    devices = size_text(vfio["transferred"]) if vfio else None
    # QEMU leaves these counters out while they are 0
    others = _listed(
        [
            ("postcopy_req", counters["postcopy-requests"] or None),
            ("downtime_bytes", counters["downtime-bytes"] or None),
            ("zerocopy_fallbacks", counters["dirty-sync-missed-zero-copy"] or None),
        ]
    )
    yield "RAM info:"
    yield f"  Throughput (Mbps): \t{ram['mbps']:0.2f}"
    yield f"  Sizes: \t\tpagesize={size['page-size']}, total={size['total']}"
    yield (
        f"  Transfers: \t\ttransferred={size['transferred']}, remain={size['remaining']}"
    )
    yield (
        f"    Channels: \t\tprecopy={size['precopy-bytes']},"
        f" multifd={size['multifd-bytes']}, postcopy={size['postcopy-bytes']}"
        f"{_listed([('vfio', devices)])}"
    )
    yield f"    Page Types: \tnormal={ram['normal']}, zero={ram['duplicate']}"
    yield (
        f"  Page Rates (pps): \ttransfer={ram['pages-per-second']}"
        f"{_listed([('dirty', ram['dirty-pages-rate'] or None)])}"
    )
    yield f"  Others: \t\tdirty_syncs={ram['dirty-sync-count']}{others}"


_TIMES = (
    ("CPU Throttle (%)", "cpu-throttle-percentage"),
    ("Dirty-limit Throttle (us)", "dirty-limit-throttle-time-per-round"),
    ("Dirty-limit Ring Full (us)", "dirty-limit-ring-full-time"),
    ("Postcopy Blocktime (ms)", "postcopy-blocktime"),
)


def details(info: MigrationInfo, version: tuple[int, int, int]) -> Iterator[str]:
    """Yield the lines that -a adds after the globals."""
    if "xbzrle-cache" in info:
        cache = {"encoding-rate": 0, **info["xbzrle-cache"]}
        yield (
            f"XBZRLE: size={cache['cache-size']}, transferred={cache['bytes']},"
            f" pages={cache['pages']}, miss={cache['cache-miss']}"
        )
        yield (
            f"  miss_rate={cache['cache-miss-rate']:0.2f},"
            f" encode_rate={cache['encoding-rate']:0.2f}, overflow={cache['overflow']}"
        )
    members: Mapping[str, object] = info
    for label, key in _TIMES:
        if key in members:
            yield f"{label}: {members[key]}"
    yield from _array("Postcopy vCPU Blocktime (ms)", info.get("postcopy-vcpu-blocktime"))
    yield from _latencies(members, version)


def _latencies(info: Mapping[str, object], version: tuple[int, int, int]) -> Iterator[str]:
    """Yield the latencies of postcopy, which are newer than the schema."""
    if "postcopy-latency" in info:
        yield f"Postcopy Latency (ns): {info['postcopy-latency']}"
    if "postcopy-non-vcpu-latency" in info:
        word = "Latencies" if version < releases.LATENCY else "Latency"
        value = info["postcopy-non-vcpu-latency"]
        yield f"Postcopy non-vCPU {word} (ns): {value}"
    yield from _array("Postcopy vCPU Latencies (ns)", info.get("postcopy-vcpu-latency"))
    distribution = info.get("postcopy-latency-dist")
    if isinstance(distribution, list):
        yield "Postcopy Latency Distribution:"
        # each bucket is twice as wide as the one before
        for index, count in enumerate(distribution):
            low, high = _duration(1 << index), _duration(1 << (index + 1))
            yield f"  [ {low:>8} - {high:>8} ]: {count:>10}"


def _array(label: str, values: object) -> Iterator[str]:
    """Yield numbers in rows of ten, or nothing for a member that is missing."""
    if not isinstance(values, list):
        return
    rows = [values[start : start + 10] for start in range(0, len(values), 10)]
    text = ",\n  ".join(", ".join(map(str, row)) for row in rows)
    yield f"{label}:"
    yield f" [{text}]"


def _duration(microseconds: int) -> str:
    value, unit = microseconds, "us"
    for larger in ("ms", "sec"):
        if value >= 1000:
            value, unit = value // 1000, larger
    return f"{value} {unit}"

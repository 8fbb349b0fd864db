"""The lines of ``info migrate`` as QEMU 10.1 and later print them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from hmp.authoring import releases, size_text


def blocked_lines(info: Any) -> Iterator[str]:
    """Yield why the machine cannot be migrated."""
    if "blocked-reasons" in info:
        yield "Outgoing migration blocked:"
        yield from (f"  {reason}" for reason in info["blocked-reasons"])


def uri(address: Any) -> str:
    """Write a SocketAddress as the URI of a migration."""
    kind = address["type"]
    if kind == "inet":
        return f"tcp:{address['host']}:{address['port']}"
    if kind == "unix":
        return f"unix:{address['path']}"
    if kind == "fd":
        return f"fd:{address.get('str', '')}"
    if kind == "vsock":
        return f"vsock:{address['cid']}:{address['port']}"
    return "unknown address type"


def reason(info: Any, *states: str) -> str:
    """Return what went wrong, where a state is one to tell it in."""
    told = info["status"] in states and "error-desc" in info
    return f" ({info['error-desc']})" if told else ""


def lines(info: Any) -> Iterator[str]:
    """Yield what is shown without -a."""
    yield from blocked_lines(info)
    if "status" in info:
        why = reason(info, "failed", "postcopy-paused")
        yield f"Status: \t\t{info['status']}{why}"
        yield from _times(info)
        if "remaining" in info:
            yield f"Remaining: \t\t{size_text(info['remaining'])}"
    if "socket-address" in info:
        yield "Sockets: ["
        yield from (f"\t{uri(address)}" for address in info["socket-address"])
        yield "]"
    if "ram" in info:
        yield from _ram(info["ram"], info.get("vfio"))


def _listed(pairs: Iterable[tuple[str, Any]]) -> str:
    return "".join(f", {name}={value}" for name, value in pairs if value is not None)


def _times(info: Any) -> Iterator[str]:
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
"""What the schema does not promise, since older releases do not count it."""


def _ram(ram: Any, vfio: Any) -> Iterator[str]:
    ram = {**dict.fromkeys(_LATER, 0), **ram}
    size = {key: size_text(value) for key, value in ram.items()}
    devices = size_text(vfio["transferred"]) if vfio else None
    others = _listed(
        [
            ("postcopy_req", ram["postcopy-requests"] or None),
            ("downtime_bytes", ram["downtime-bytes"] or None),
            ("zerocopy_fallbacks", ram["dirty-sync-missed-zero-copy"] or None),
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


def details(info: Any, version: tuple[int, int, int]) -> Iterator[str]:
    """Yield what -a adds, behind the globals."""
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
    for label, key in _TIMES:
        if key in info:
            yield f"{label}: {info[key]}"
    yield from _array("Postcopy vCPU Blocktime (ms)", info.get("postcopy-vcpu-blocktime"))
    yield from _latencies(info, version)


def _latencies(info: Any, version: tuple[int, int, int]) -> Iterator[str]:
    if "postcopy-latency" in info:
        yield f"Postcopy Latency (ns): {info['postcopy-latency']}"
    if "postcopy-non-vcpu-latency" in info:
        word = "Latencies" if version < releases.LATENCY else "Latency"
        value = info["postcopy-non-vcpu-latency"]
        yield f"Postcopy non-vCPU {word} (ns): {value}"
    yield from _array("Postcopy vCPU Latencies (ns)", info.get("postcopy-vcpu-latency"))
    if "postcopy-latency-dist" in info:
        yield "Postcopy Latency Distribution:"
        for index, count in enumerate(info["postcopy-latency-dist"]):
            low, high = _duration(1 << index), _duration(1 << (index + 1))
            yield f"  [ {low:>8} - {high:>8} ]: {count:>10}"


def _array(label: str, values: list[int] | None) -> Iterator[str]:
    """Yield numbers in rows of ten."""
    if values is None:
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

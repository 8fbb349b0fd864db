from __future__ import annotations

from typing import Any

import pytest

from tests.fakes import FakeSession, joined

OLD, MIDDLE, NEW = (7, 2, 0), (10, 0, 0), (10, 2, 0)
RAM = {
    "transferred": 2 << 20,
    "remaining": 3 << 20,
    "total": 4 << 20,
    "duplicate": 5,
    "normal": 6,
    "normal-bytes": 7 << 10,
    "dirty-pages-rate": 0,
    "mbps": 8.5,
    "dirty-sync-count": 9,
    "postcopy-requests": 0,
    "page-size": 4096,
    "multifd-bytes": 0,
    "pages-per-second": 10,
    "precopy-bytes": 2 << 20,
    "downtime-bytes": 0,
    "postcopy-bytes": 0,
    "dirty-sync-missed-zero-copy": 0,
}
ACTIVE = {
    "status": "active",
    "total-time": 100,
    "setup-time": 1,
    "expected-downtime": 300,
    "ram": RAM,
}
GLOBALS = "globals:\nstore-global-state: on\nclear-bitmap-shift: 18\n"


def session(value: Any, version: tuple[int, int, int] = NEW) -> FakeSession:
    """Return a machine in the middle of a migration."""
    lines = {"info migrate": f"{GLOBALS}x\n", "info migrate -a": f"x\n{GLOBALS}x\n"}
    return FakeSession({"query-migrate": value}, lines, version=version)


def test_the_short_layout() -> None:
    """Sizes have units; counters that are 0 are left out."""
    found = session(ACTIVE)

    assert found.prints("info migrate") == joined(
        [
            "Status: \t\tactive",
            "Time (ms): \t\ttotal=100, setup=1, exp_down=300",
            "RAM info:",
            "  Throughput (Mbps): \t8.50",
            "  Sizes: \t\tpagesize=4 KiB, total=4 MiB",
            "  Transfers: \t\ttransferred=2 MiB, remain=3 MiB",
            "    Channels: \t\tprecopy=2 MiB, multifd=0 B, postcopy=0 B",
            "    Page Types: \tnormal=6, zero=5",
            "  Page Rates (pps): \ttransfer=10",
            "  Others: \t\tdirty_syncs=9",
        ]
    )
    assert found.calls == [("query-migrate", {})]


def test_what_is_more_than_zero_is_told() -> None:
    """Such counters follow the others."""
    ram = {
        **RAM,
        "dirty-pages-rate": 1,
        "postcopy-requests": 2,
        "downtime-bytes": 3,
        "dirty-sync-missed-zero-copy": 4,
    }
    text = session({**ACTIVE, "ram": ram, "vfio": {"transferred": 1 << 20}}).prints(
        "info migrate"
    )

    assert ", postcopy=0 B, vfio=1 MiB\n" in text
    assert "transfer=10, dirty=1\n" in text
    assert "dirty_syncs=9, postcopy_req=2, downtime_bytes=3, zerocopy_fallbacks=4\n" in text


def test_all_of_it() -> None:
    """The globals come from QEMU's own monitor."""
    more = {
        "cpu-throttle-percentage": 20,
        "dirty-limit-throttle-time-per-round": 3,
        "dirty-limit-ring-full-time": 4,
        "postcopy-blocktime": 5,
        "postcopy-vcpu-blocktime": list(range(11)),
        "postcopy-latency": 7,
        "postcopy-non-vcpu-latency": 8,
        "postcopy-vcpu-latency": [9],
        "postcopy-latency-dist": [1, 2],
        "xbzrle-cache": {
            "cache-size": 1,
            "bytes": 2,
            "pages": 3,
            "cache-miss": 4,
            "cache-miss-rate": 0.5,
            "encoding-rate": 0.25,
            "overflow": 6,
        },
    }
    text = session({"status": "active", **more}).prints("info migrate -a")

    assert text == joined(
        [
            "Status: \t\tactive",
            *GLOBALS.splitlines(),
            "XBZRLE: size=1, transferred=2, pages=3, miss=4",
            "  miss_rate=0.50, encode_rate=0.25, overflow=6",
            "CPU Throttle (%): 20",
            "Dirty-limit Throttle (us): 3",
            "Dirty-limit Ring Full (us): 4",
            "Postcopy Blocktime (ms): 5",
            "Postcopy vCPU Blocktime (ms):",
            " [0, 1, 2, 3, 4, 5, 6, 7, 8, 9,",
            "  10]",
            "Postcopy Latency (ns): 7",
            "Postcopy non-vCPU Latencies (ns): 8",
            "Postcopy vCPU Latencies (ns):",
            " [9]",
            "Postcopy Latency Distribution:",
            "  [     1 us -     2 us ]:          1",
            "  [     2 us -     4 us ]:          2",
        ]
    )


def test_all_of_it_for_people() -> None:
    """The state comes first, then the globals, then the rest."""
    value = {"status": "active", "cpu-throttle-percentage": 20}

    assert session(value).looks("info migrate -a") == (
        "state           ● active\n"
        "CPUs throttled  20 %\n"
        "\n"
        "store-global-state  on\n"
        "clear-bitmap-shift  18\n"
        "CPU Throttle (%): 20\n"
    )
    assert session({}).looks("info migrate -a").startswith("no migration so far\n")


def test_the_old_layout() -> None:
    """The globals come first; sizes are in KiB."""
    assert session(ACTIVE, MIDDLE).prints("info migrate") == joined(
        [
            *GLOBALS.splitlines(),
            "Migration status: active",
            "total time: 100 ms",
            "expected downtime: 300 ms",
            "setup: 1 ms",
            "transferred ram: 2048 kbytes",
            "throughput: 8.50 mbps",
            "remaining ram: 3072 kbytes",
            "total ram: 4096 kbytes",
            "duplicate: 5 pages",
            "normal: 6 pages",
            "normal bytes: 7 kbytes",
            "dirty sync count: 9",
            "page size: 4 kbytes",
            "multifd bytes: 0 kbytes",
            "pages-per-second: 10",
            "precopy ram: 2048 kbytes",
        ]
    )


def test_every_counter_of_the_old_layout() -> None:
    """In QEMU's order; those in KiB are rounded down."""
    ram = {
        **RAM,
        "skipped": 11,
        "dirty-pages-rate": 12,
        "postcopy-requests": 13,
        "downtime-bytes": 14 << 10,
        "postcopy-bytes": (16 << 10) - 1,
        "dirty-sync-missed-zero-copy": 16,
    }
    value = {
        "status": "failed",
        "error-desc": "no",
        "downtime": 1,
        "ram": ram,
        "disk": {"transferred": 1 << 10, "remaining": 2 << 10, "total": 3 << 10},
        "xbzrle-cache": {
            "cache-size": 1,
            "bytes": 2 << 10,
            "pages": 3,
            "cache-miss": 4,
            "cache-miss-rate": 0.5,
            "encoding-rate": 0.25,
            "overflow": 6,
        },
        "compression": {
            "pages": 1,
            "busy": 2,
            "busy-rate": 0.5,
            "compressed-size": 4 << 10,
            "compression-rate": 0.25,
        },
        "cpu-throttle-percentage": 20,
        "dirty-limit-throttle-time-per-round": 21,
        "dirty-limit-ring-full-time": 22,
        "postcopy-blocktime": 23,
        "postcopy-vcpu-blocktime": [1, 2],
        "socket-address": [{"type": "unix", "path": "/s"}],
        "vfio": {"transferred": 3 << 10},
    }

    text = session(value, MIDDLE).prints("info migrate")
    assert text.startswith(f"{GLOBALS}Migration status: failed (no)\ntotal time: 0 ms\n")
    assert "\ndowntime: 1 ms\ntransferred ram" in text
    assert "\nduplicate: 5 pages\nskipped: 11 pages\nnormal: 6 pages\n" in text
    assert text.partition("pages-per-second: 10\n")[2] == joined(
        [
            "dirty pages rate: 12 pages",
            "postcopy request count: 13",
            "precopy ram: 2048 kbytes",
            "downtime ram: 14 kbytes",
            "postcopy ram: 15 kbytes",
            "Zero-copy-send fallbacks happened: 16 times",
            "transferred disk: 1 kbytes",
            "remaining disk: 2 kbytes",
            "total disk: 3 kbytes",
            "cache size: 1 bytes",
            "xbzrle transferred: 2 kbytes",
            "xbzrle pages: 3 pages",
            "xbzrle cache miss: 4 pages",
            "xbzrle cache miss rate: 0.50",
            "xbzrle encoding rate: 0.25",
            "xbzrle overflow: 6",
            "compression pages: 1 pages",
            "compression busy: 2",
            "compression busy rate: 0.50",
            "compressed size: 4 kbytes",
            "compression rate: 0.25",
            "cpu throttle percentage: 20",
            "dirty-limit throttle time: 21 us",
            "dirty-limit ring full time: 22 us",
            "postcopy blocktime: 23",
            "postcopy vcpu blocktime: 1-2",
            "socket address: [",
            "\tunix:/s",
            "]",
            "vfio device transferred: 3 kbytes",
        ]
    )


def test_a_release_that_knows_fewer_counters() -> None:
    """They count as 0."""
    new = (
        "downtime-bytes",
        "precopy-bytes",
        "postcopy-bytes",
        "dirty-sync-missed-zero-copy",
    )
    ram = {key: value for key, value in RAM.items() if key not in new}
    found = session({**ACTIVE, "ram": ram})
    found.machine.fills = False

    assert "    Channels: \t\tprecopy=0 B, multifd=0 B, postcopy=0 B\n" in found.prints(
        "info migrate"
    )


def test_the_old_layout_has_no_option() -> None:
    """The error has the words of a QEMU that does not know it."""
    assert session({}, OLD).prints("info migrate -a") == (
        "migrate: extraneous characters at the end of line\n"
        'Try "help info migrate" for more information\n'
    )


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ({"type": "inet", "host": "::1", "port": "4444"}, "tcp:::1:4444"),
        ({"type": "unix", "path": "/s"}, "unix:/s"),
        ({"type": "fd", "str": "x"}, "fd:x"),
        ({"type": "vsock", "cid": "2", "port": "3"}, "vsock:2:3"),
        ({"type": "new"}, "unknown address type"),
    ],
)
def test_where_it_listens(address: dict[str, str], text: str) -> None:
    """An address is written as the URI of a migration."""
    value = {"status": "setup", "socket-address": [address]}

    assert session(value).prints("info migrate").endswith(f"Sockets: [\n\t{text}\n]\n")
    assert f"listening at  {text}\n" in session(value).looks("info migrate")


def test_why_it_failed_or_cannot_be() -> None:
    """The error is in brackets; the blockers come first."""
    value = {"status": "failed", "error-desc": "no", "blocked-reasons": ["it is a disk"]}

    assert session(value).prints("info migrate") == (
        "Outgoing migration blocked:\n  it is a disk\nStatus: \t\tfailed (no)\n"
    )
    paused = {**value, "status": "postcopy-paused"}
    assert "\nStatus: \t\tpostcopy-paused (no)\n" in session(paused).prints("info migrate")
    looks = session(value).looks("info migrate")
    assert "✖ failed" in looks
    assert "blocked  it is a disk\n" in looks


def test_how_far_it_is() -> None:
    """The view has a bar, the remaining data and the remaining time."""
    looks = session(ACTIVE).looks("info migrate")

    assert "● active" in looks
    assert "25%" in looks
    assert "remaining          3 MiB of 4 MiB, about 3 s\n" in looks
    assert session({}).looks("info migrate") == "no migration so far\n"


def test_capabilities() -> None:
    """The text has the machine's order; the view shows those that are on first."""
    value = [
        {"capability": "xbzrle", "state": False},
        {"capability": "events", "state": True},
    ]
    found = FakeSession({"query-migrate-capabilities": value})

    assert found.prints("info migrate_capabilities") == "xbzrle: off\nevents: on\n"
    assert found.looks("info migrate_capabilities").splitlines()[2].startswith("events")


PARAMETERS = {
    "announce-initial": 50,
    "cpu-throttle-tailslow": True,
    "tls-creds": "",
    "tls-authz": None,
    "max-bandwidth": 134217728,
    "max-postcopy-bandwidth": 0,
    "xbzrle-cache-size": 67108864,
    "mode": "normal",
    "cpr-exec-command": ["a", "b"],
    "block-bitmap-mapping": [
        {"node-name": "n", "alias": "m", "bitmaps": [{"name": "b", "alias": "c"}]}
    ],
    "not-shown": 1,
}


@pytest.mark.parametrize(
    ("version", "lines"),
    [
        (
            NEW,
            [
                "announce-initial: 50 ms",
                "cpu-throttle-tailslow: on",
                "tls-creds: ''",
                "tls-authz: ''",
                "max-bandwidth: 134217728 bytes/second",
                "max-postcopy-bandwidth: 0 bytes/second",
                "xbzrle-cache-size: 67108864 bytes",
                "block-bitmap-mapping:",
                "  'n' -> 'm'",
                "    'b' -> 'c'",
                "mode: normal",
                "cpr-exec-command: a b",
            ],
        ),
        (
            MIDDLE,
            [
                "announce-initial: 50 ms",
                "cpu-throttle-tailslow: on",
                "tls-creds: ''",
                "max-bandwidth: 134217728 bytes/second",
                "xbzrle-cache-size: 67108864 bytes",
                "max-postcopy-bandwidth: 0",
                "tls-authz: ''",
                "block-bitmap-mapping:",
                "  'n' -> 'm'",
                "    'b' -> 'c'",
                "mode: normal",
                "cpr-exec-command: a b",
            ],
        ),
    ],
)
def test_parameters(version: tuple[int, int, int], lines: list[str]) -> None:
    """The text has the release's order and units."""
    found = FakeSession({"query-migrate-parameters": PARAMETERS}, version=version)

    assert found.prints("info migrate_parameters") == joined(lines)
    looks = found.looks("info migrate_parameters")
    assert "128 MiB/s\n" in looks
    assert "no limit\n" in looks

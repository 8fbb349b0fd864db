"""Lines for the golden files that no recording has, with what a machine answers to them.

A recording leaves out what differs from run to run, what takes hardware that is rare, and
what is seen only at a second look.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any

from hmp.monitor.call import Call
from tests.fakes import FakeSession

Look = Mapping[str, Any]
"""What a machine answers: by QMP command, or the text of a line for its own monitor."""

SECONDS = 2.0
"""The age of the first look at the second."""

DEVICE = "/machine/peripheral/disk0"


OPTIONS = (
    "e1000 options:\r\n"
    "  acpi-index=<uint32>    -  (default: 0)\r\n"
    "  addr=<int32>           - Slot and function, example: 06.0 (default: -1)\r\n"
    "  autonegotiation=<bool> - on/off (default: true)\r\n"
    "  bootindex=<int32>\r\n"
    '  mode=<OnOffAuto>       - on/off/auto (default: "auto")\r\n'
    '  romfile=<str>          - a file (default: "efi-e1000.rom")\r\n'
    "  x=<str>                - plain\r\n"
)


def encoded(text: str) -> str:
    """Return a text as QMP carries bytes."""
    return base64.b64encode(text.encode()).decode()


def text_of(*lines: str) -> str:
    """Return the text that QEMU's own monitor prints."""
    return "".join(f"{line}\r\n" for line in lines)


def disk(name: str, read: int, written: int) -> Mapping[str, Any]:
    """Return the statistics of a disk after so many operations of 4 KiB."""
    return {
        "device": name,
        "node-name": f"#{name}",
        "stats": {
            "rd_bytes": read * 4096,
            "wr_bytes": written * 4096,
            "rd_operations": read,
            "wr_operations": written,
            "flush_operations": written // 10,
            "rd_total_time_ns": read * 250_000,
            "wr_total_time_ns": written * 1_500_000,
            "flush_total_time_ns": written * 100_000,
            "rd_merged": 0,
            "wr_merged": 0,
            "wr_highest_offset": written * 4096,
            "idle_time_ns": 5_000_000_000,
            "failed_rd_operations": 0,
            "failed_wr_operations": read // 100,
        },
    }


def medium(**members: object) -> Mapping[str, Any]:
    """Return what is in a drive; a double underscore stands for a hyphen."""
    return {
        "file": "a.img",
        "drv": "raw",
        "ro": False,
        "encrypted": False,
        "cache": {"writeback": True, "direct": False, "no-flush": False},
        "detect_zeroes": "off",
        "node-name": "node0",
        "image": {"filename": "a.img", "format": "raw", "virtual-size": 1 << 20},
        **{name.replace("__", "-"): value for name, value in members.items()},
    }


DRIVES = {
    "query-block": [
        {"device": "cd0", "removable": True, "locked": True, "tray_open": True},
        {
            "device": "d0",
            "qdev": "/machine/peripheral/vd0/virtio-backend",
            "removable": True,
            "locked": False,
            "tray_open": False,
            "io-status": "nospace",
            "inserted": medium(
                file="top.qcow2",
                drv="qcow2",
                backing_file="base.qcow2",
                backing_file_depth=2,
                detect_zeroes="unmap",
                bps=1 << 20,
                iops=100,
                iops_size=4096,
                cache={"writeback": False, "direct": True, "no-flush": True},
                image={
                    "filename": "top.qcow2",
                    "format": "qcow2",
                    "virtual-size": 1 << 30,
                    "actual-size": 3 << 20,
                    "cluster-size": 1 << 16,
                    "encrypted": True,
                    "dirty-flag": True,
                    "snapshots": [{"name": "one"}, {"name": "two"}],
                    "format-specific": {"type": "qcow2", "data": {"compat": "1.1"}},
                    "backing-image": {
                        "filename": "base.qcow2",
                        "format": "raw",
                        "virtual-size": 1 << 29,
                        "backing-image": {
                            "filename": "first.img",
                            "format": "raw",
                            "virtual-size": 1 << 28,
                        },
                    },
                },
            ),
        },
        {
            "device": "d1",
            "removable": False,
            "locked": False,
            "inserted": medium(
                active=False, cache={"writeback": True, "direct": False, "no-flush": True}
            ),
        },
        {
            "device": "",
            "qdev": "/machine/peripheral-anon/device[0]",
            "removable": False,
            "locked": False,
            "inserted": medium(
                ro=True, encrypted=True, backing_file="b", backing_file_depth=1
            ),
        },
    ]
}


def registers(flags: str, pointer: int) -> str:
    """Return the registers of a CPU."""
    return text_of(
        "",
        "CPU#0",
        f"EAX=00000000 EBX=00000000 ECX=00000000 EDX={pointer:08x}",
        f"ESI=00000000 EDI=00000000 EBP=00000000 ESP={pointer + 16:08x}",
        f"EIP=0000fff0 EFL=00000002 [{flags}] CPL=0 II=0 A20=1 SMM=0 HLT=0",
        "ES =0000 00000000 0000ffff 00009300",
        "FCW=037f FSW=0000 [ST=0] FTW=00 MXCSR=00001f80",
    )


def exited(**more: object) -> Look:
    """Return the answers to a program in the guest that has ended."""
    return {"guest-exec": {"pid": 7}, "guest-exec-status": {"exited": True, **more}}


# a scene is a line and the looks at it; only the view of the last one is shown
SCENES: tuple[tuple[str, *tuple[Look, ...]], ...] = (
    (
        "info tpm",
        {
            "query-tpm": [
                {
                    "id": "tpm0",
                    "model": "tpm-tis",
                    "options": {
                        "type": "passthrough",
                        "data": {"path": "/dev/tpm0", "cancel-path": "/c"},
                    },
                }
            ]
        },
    ),
    (
        "info sev",
        {
            "query-sev": {
                "enabled": True,
                "state": "running",
                "sev-type": "sev",
                "api-major": 1,
                "api-minor": 2,
                "build-id": 3,
                "policy": 5,
                "handle": 4,
            }
        },
    ),
    (
        "info spice",
        {
            "query-spice": {
                "enabled": True,
                "migrated": False,
                "host": "0.0.0.0",
                "port": 5900,
                "tls-port": 5901,
                "auth": "none",
                "compiled-version": "0.15.0",
                "mouse-mode": "server",
                "channels": [
                    {
                        "host": "127.0.0.1",
                        "port": "4",
                        "family": "ipv4",
                        "connection-id": 9,
                        "channel-type": 2,
                        "channel-id": 1,
                        "tls": True,
                    }
                ],
            }
        },
    ),
    (
        "info rocker-ports sw",
        {
            "query-rocker-ports": [
                {
                    "name": "sw.1",
                    "enabled": True,
                    "link-up": True,
                    "speed": 10000,
                    "duplex": "full",
                    "autoneg": "on",
                },
                {
                    "name": "sw.2",
                    "enabled": False,
                    "link-up": False,
                    "speed": 100,
                    "duplex": "half",
                    "autoneg": "off",
                },
            ]
        },
    ),
    (
        "info rocker-of-dpa-flows sw",
        {
            "query-rocker-of-dpa-flows": [
                {
                    "cookie": 1,
                    "hits": 5,
                    "key": {"priority": 1, "tbl-id": 10, "vlan-id": 2, "eth-type": 2048},
                    "mask": {"vlan-id": 4095},
                    "action": {"goto-tbl": 20, "group-id": 16},
                },
                {
                    "cookie": 2,
                    "hits": 7,
                    "key": {"priority": 3, "tbl-id": 0},
                    "mask": {},
                    "action": {},
                },
            ]
        },
    ),
    (
        "info rocker-of-dpa-groups sw",
        {
            "query-rocker-of-dpa-groups": [
                {"id": 0x10000001, "type": 0, "vlan-id": 1, "pport": 2, "out-pport": 2},
                {"id": 0x40000003, "type": 4, "index": 3, "group-ids": [1, 2]},
            ]
        },
    ),
    (
        "info vcpu_dirty_limit",
        {
            "query-vcpu-dirty-limit": [
                {"cpu-index": 0, "limit-rate": 10, "current-rate": 8},
                {"cpu-index": 1, "limit-rate": 10, "current-rate": 12},
            ]
        },
    ),
    (
        "info dirty_rate",
        {
            "query-dirty-rate": {
                "status": "measured",
                "start-time": 5,
                "calc-time": 2,
                "sample-pages": 512,
                "mode": "page-sampling",
                "dirty-rate": 42,
            }
        },
    ),
    (
        "info dump",
        {"query-dump": {"status": "active", "completed": 1 << 20, "total": 4 << 20}},
    ),
    ("info kvm", {"query-kvm": {"enabled": True, "present": True}}),
    (
        "info replay",
        {"query-replay": {"mode": "play", "filename": "replay.bin", "icount": 1234}},
    ),
    ("clear", {}),
    ("events", {}),
    (
        "guest exec ls /",
        exited(exitcode=2, **{"out-data": encoded("bin\n"), "err-data": encoded("no\n")}),
    ),
    ("guest exec kill", exited(signal=9)),
    (
        "guest fsinfo",
        {
            "guest-get-fsinfo": [
                {
                    "name": "vda1",
                    "mountpoint": "/",
                    "type": "ext4",
                    "total-bytes": 20 << 30,
                    "used-bytes": 5 << 30,
                    "disk": [],
                },
                {"name": "sr0", "mountpoint": "/media", "type": "iso9660", "disk": []},
            ]
        },
    ),
    (
        "guest ip",
        {
            "guest-network-get-interfaces": [
                {"name": "lo"},
                {
                    "name": "eth0",
                    "hardware-address": "52:54:00:12:34:56",
                    "ip-addresses": [
                        {
                            "ip-address": "10.0.2.15",
                            "ip-address-type": "ipv4",
                            "prefix": 24,
                        },
                        {
                            "ip-address": "fec0::5054:ff:fe12:3456",
                            "ip-address-type": "ipv6",
                            "prefix": 64,
                        },
                    ],
                },
            ]
        },
    ),
    (
        "guest users",
        {
            "guest-get-users": [
                {"user": "root", "login-time": 1_700_000_000.5},
                {"user": "ann", "domain": "OFFICE", "login-time": 1_700_000_600.0},
            ]
        },
    ),
    ("help eject", {}),
    ("help -s boot order", {}),
    ("help device_add", {"query-commands": [{"name": "stop"}]}),
    ("events NO.*", {}),
    ("device_add e1000,help", {"device_add e1000,help": OPTIONS}),
    ("object_add iothread,help", {"object_add iothread,help": OPTIONS}),
    ("info", {}),
    (
        "info alarm-methods",
        {
            "query-alarm-methods": [
                {"method-name": "timerfd", "current": True},
                {"method-name": "select", "current": False},
            ]
        },
    ),
    ("info block", DRIVES),
    ("info block -v", DRIVES),
    (
        "info blockstats",
        {"query-blockstats": [disk("d0", 1000, 200), disk("d1", 10, 0)]},
        {"query-blockstats": [disk("d0", 1500, 300), disk("d1", 10, 0)]},
    ),
    (
        "info blockstats",
        {"query-blockstats": [disk("d0", 1000, 200)]},
        {"query-blockstats": [disk("d0", 2000, 100), disk("d1", 10, 0)]},
    ),
    (
        "info capture",
        {
            "info capture": text_of(
                "[0]: Capturing audio(44100,16,2) to /tmp/a.wav: 80 bytes"
            )
        },
    ),
    (
        "info exports",
        {
            "query-block-exports": [
                {"id": "e1", "type": "fuse", "node-name": "n1", "shutting-down": True},
                {"id": "e0", "type": "nbd", "node-name": "n0", "shutting-down": False},
            ]
        },
    ),
    ("info exports", {"query-block-exports": []}),
    (
        "info firmware-log",
        {"query-firmware-log": {"version": "edk2-1", "log": encoded("one\r\n\ttwo\n")}},
    ),
    (
        "info irq",
        {
            "x-query-irq": {
                "human-readable-text": "IRQ statistics for ioapic:\n 4: 42\n 8: 1\n"
            }
        },
        {
            "x-query-irq": {
                "human-readable-text": "IRQ statistics for ioapic:\n 4: 50\n 8: 1\n"
            }
        },
    ),
    (
        "info lapic",
        {
            "info lapic": text_of(
                "dumping local APIC state for CPU 0 ",
                "",
                "LVT0\t 0x00008700 active-hi level                   ExtINT (vec 0)",
                "LVTT\t 0x00010000 active-hi edge  masked   one-shot Fixed  (vec 0)",
                "Timer\t DCR=0x0 (divide by 2) initial_count = 0 current_count = 0",
                "ISR\t (none)",
                "",
                "APR 0x00 TPR 0x00",
            )
        },
    ),
    (
        "info mem",
        {
            "info mem": text_of(
                "0000000000000000-0000000000200000 0000000000200000 -rw",
                "00000000fee00000-00000000fee01000 0000000000001000 urw",
            )
        },
    ),
    (
        "info mtree",
        {
            "info mtree": text_of(
                "address-space: cpu-memory-0",
                "address-space: memory",
                "  0000000000000000-ffffffffffffffff (prio 0, container): system",
                "    00000000fee00000-00000000feefffff (prio 4096, i/o): apic-msi",
                "    0000000000000000-0000000007ffffff (prio 0, ram): alias low @pc.ram"
                " 0000000000001000-0000000007ffffff",
                "      0000000000000000-000000000000ffff (prio 1, rom): bios [disabled]"
                " owner:{dev id=x}",
                "",
                "address-space: VGA",
                "  0000000000000000-ffffffffffffffff (prio 0, i/o): bus master",
                "",
            )
        },
    ),
    (
        "info mtree -f",
        {
            "info mtree -f": text_of(
                "FlatView #0",
                ' AS "memory", root: system',
                ' AS "cpu-memory-0", root: system',
                " Root memory region: system",
                "  0000000000000000-000000000009ffff (prio 0, ram): m0",
                "  00000000000c0000-00000000000dffff (prio 1, rom): pc.rom"
                " @0000000000020000",
                "",
                "FlatView #1",
                ' AS "mch", root: bus master container',
                " Root memory region: (none)",
                "  No rendered FlatView",
                "",
            )
        },
    ),
    (
        "info network",
        {
            "info network": text_of(
                "hub 0",
                " \\ hub0port0: net1: index=0,type=user,net=10.0.2.0,restrict=off",
                "nic0: index=0,type=nic,model=e1000e,macaddr=52:54:00:12:34:56",
                " \\ net0: index=0,type=tap,fd=7",
                "filters:",
                "  - f0: type=filter-dump,netdev=net0",
            )
        },
    ),
    (
        "info qdm",
        {
            "info qdm": text_of(
                "failed to open module: libx.so: not found",
                "Network devices:",
                'name "e1000", bus PCI, alias "e1000-82540em",'
                ' desc "Intel Gigabit Ethernet"',
                'name "ne2k", bus ISA, no-user',
                "",
                "Storage devices:",
                'name "nvme", bus PCI, desc "Non-Volatile Memory Express"',
            )
        },
    ),
    (
        "info qtree",
        {
            "info qtree": text_of(
                "bus: main-system-bus",
                "  type System",
                '  dev: q35-pcihost, id ""',
                "    pci-hole64-size = 34359738368 (32 GiB)",
                "    bus: pcie.0",
                "      type PCIE",
                '      dev: e1000e, id "nic0"',
                "        addr = 04.0",
                '        mac = "52:54:00:12:34:56"',
                "        class Ethernet controller, addr 00:04.0, pci id 8086:10d3",
            )
        },
    ),
    ("info registers", {"info registers": registers("-------", 0x663)}),
    (
        "info registers",
        {"info registers": registers("-------", 0x663)},
        {"info registers": registers("---Z-P-", 0x664)},
    ),
    (
        "info sgx",
        {
            "query-sgx": {
                "sgx": True,
                "sgx1": True,
                "sgx2": False,
                "flc": True,
                "sections": [{"node": 0, "size": 64 << 20}, {"node": 1, "size": 28 << 20}],
            }
        },
    ),
    (
        "info sync-profile",
        {
            "info sync-profile": text_of(
                "Type  Object  Call site  Wait Time (s)  Count  Average (us)",
                "-" * 60,
                "mutex      [          13]  ./include/qemu/lockable.h:56  0.02  734  0.03",
                "BQL mutex  0x55e4cea282c0  util/main-loop.c:308          0.01   16  0.05",
                "-" * 60,
            )
        },
    ),
    (
        "info tlb",
        {
            "info tlb": text_of(
                "0000000000000000: 0000000000000000 --P-A---W",
                "0000000000400000: 0000000000400000 --P-A---W",
                "0000000000c00000: 0000000000c00000 --P-----W",
                "0000000001000000: 0000000000000000 --P-----W",
                "0000000001001000: 0000000000001000 --P-----W",
            )
        },
    ),
    (
        "info usernet",
        {
            "info usernet": text_of(
                "Hub -1 (net0):",
                "  Protocol[State] FD Source Address Port Dest. Address Port RecvQ SendQ",
                "  TCP[HOST_FORWARD] 18 * 3333 10.0.2.15 22 0 5",
                "  UDP[236 sec] 30 10.0.2.15 1043 10.0.2.3 53 0 0",
            )
        },
    ),
    (
        f"info virtio-queue-element {DEVICE} 0",
        {
            "x-query-virtio-queue-element": {
                "name": "virtio-blk",
                "index": 0,
                "avail": {"flags": 0, "idx": 2, "ring": 1},
                "used": {"flags": 1, "idx": 3},
                "descs": [
                    {"addr": 0x1000, "len": 16, "flags": ["next", "write"]},
                    {"addr": 0x2000, "len": 1, "flags": []},
                ],
            }
        },
    ),
    (
        f"info virtio-vhost-queue-status {DEVICE} 0",
        {
            "x-query-virtio-vhost-queue-status": {
                "name": "virtio-net",
                "kick": 5,
                "call": 6,
                "num": 256,
                "desc-phys": 0x1000,
                "desc-size": 4096,
                "avail-phys": 0x2000,
                "avail-size": 518,
                "used-phys": 0x3000,
                "used-size": 2054,
            }
        },
    ),
    ("print/x 65", {}),
    ("print/d 0x200000", {}),
    ("print/d 0", {}),
    ("print/x 0xffffffff", {}),
    ("print/c 10", {}),
    (
        "info migrate_parameters",
        {
            "query-migrate-parameters": {
                "max-bandwidth": 0,
                "max-postcopy-bandwidth": 1 << 20,
                "xbzrle-cache-size": 64 << 20,
                "downtime-limit": 300,
                "tls-creds": "",
                "vcpu-dirty-limit": 1,
                "block-bitmap-mapping": [
                    {"node-name": "n0", "alias": "a0", "bitmaps": []},
                    {"node-name": "n1", "alias": "a1", "bitmaps": []},
                ],
                "cpr-exec-command": ["qemu", "-incoming", "defer"],
                "direct-io": True,
            }
        },
    ),
    (
        "x/10xb 0",
        {
            "x /10xb 0": text_of(
                "00000000: 0x48 0x69 0x00 0x7f 0x0a 0x41 0x42 0x43", "00000008: 0x00 0x01"
            )
        },
        {
            "x /10xb 0": text_of(
                "00000000: 0x48 0x6f 0x00 0x7f 0x0a 0x41 0x42 0x43", "00000008: 0x00 0x01"
            )
        },
    ),
    (
        "x/2i 0",
        {
            "x /2i 0": text_of(
                "0x00000000:  b8 11 00 00 00           movl     $0x11, %eax",
                "0x00000005:  c3                       retl     ",
            )
        },
    ),
    (
        "xen-event-list",
        {
            "xen-event-list": [
                {
                    "port": 1,
                    "vcpu": 0,
                    "type": "ipi",
                    "remote-domain": "",
                    "target": 0,
                    "pending": False,
                    "masked": False,
                },
                {
                    "port": 2,
                    "vcpu": 0,
                    "type": "virq",
                    "remote-domain": "",
                    "target": 7,
                    "pending": True,
                    "masked": False,
                },
                {
                    "port": 1024,
                    "vcpu": 3,
                    "type": "interdomain",
                    "remote-domain": "qemu",
                    "target": 7,
                    "pending": False,
                    "masked": True,
                },
            ]
        },
    ),
    (
        "xp/2xg 0x100",
        {
            "xp /2xg 0x100": text_of(
                "0000000000000100: 0x0000000000000000 0xf000ff53f000e2c3"
            )
        },
    ),
)

EVENTS = (
    {"event": "STOP", "timestamp": {"seconds": -1}},
    {
        "event": "BLOCK_JOB_COMPLETED",
        "data": {
            "type": "mirror",
            "device": "job0",
            "len": 65536,
            "offset": 65536,
            "speed": 0,
        },
        "timestamp": {"seconds": -1},
    },
)
"""What every machine here has sent."""

FEW = 6
"""Commands of a list of all of them; so a new command hardly ever changes its look."""


def played() -> Iterator[tuple[str, Call]]:
    """Yield each scene: its title, and the line as it was run."""
    for line, *looks in SCENES:
        session = FakeSession()
        session.machine.is_agent = line.startswith("guest ")
        for event in EVENTS:
            session.machine.on_event(event)
        for look in looks:
            session.machine.answers = dict(look)
            session.machine.lines = dict(look)
            call = session.call(line)
        if call.before is not None:
            call.before.seconds = SECONDS
        if line == "info":
            call.value = {"commands": call.value["commands"][:FEW]}
        yield f"{line}{' again' * (len(looks) - 1)}", call

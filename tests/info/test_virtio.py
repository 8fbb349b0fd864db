from __future__ import annotations

import pytest

from hmp.qmp.errors import QMPError
from tests.fakes import NEWEST, FakeSession, Message, joined, qmp_calls

PATH = "/machine/peripheral/vb0/virtio-backend"
FEATURES = {"transports": ["T1", "T2"], "dev-features": ["D1"]}
NONE: Message = {"transports": []}
STATUS = {
    "name": "virtio-blk",
    "device-id": 2,
    "vhost-started": False,
    "bus-name": "",
    "broken": False,
    "disabled": False,
    "disable-legacy-check": False,
    "started": True,
    "use-started": True,
    "start-on-kick": False,
    "use-guest-notifier-mask": True,
    "vm-running": False,
    "num-vqs": 2,
    "queue-sel": 1,
    "isr": 0,
    "device-endian": "little",
    "status": {"statuses": ["VIRTIO_CONFIG_S_DRIVER_OK: Driver ready"]},
    "guest-features": FEATURES,
    "host-features": {**FEATURES, "dev-features": []},
    "backend-features": NONE,
}
HEAD = [
    f"{PATH}:",
    "  device_name:             virtio-blk ",
    "  device_id:               2",
    "  vhost_started:           false",
    "  bus_name:                (null)",
    "  broken:                  false",
    "  disabled:                false",
    "  disable_legacy_check:    false",
    "  started:                 true",
    "  use_started:             true",
    "  start_on_kick:           false",
    "  use_guest_notifier_mask: true",
    "  vm_running:              false",
    "  num_vqs:                 2",
    "  queue_sel:               1",
    "  isr:                     0",
    "  endianness:              little",
    "  status:",
    "\tVIRTIO_CONFIG_S_DRIVER_OK: Driver ready",
]


def status(
    version: tuple[int, int, int] = NEWEST, members: Message | None = None
) -> FakeSession:
    """Return a machine with a virtio device."""
    value = {**STATUS, **(members or {})}
    return FakeSession({"x-query-virtio-status": value}, version=version)


def test_status() -> None:
    """The features of device, driver and backend; an empty list is an empty line."""
    assert status().prints(f"info virtio-status {PATH}") == joined(
        [
            *HEAD,
            "  Guest features:",
            "\tT1,",
            "\tT2",
            "\tD1",
            "  Host features:",
            "\tT1,",
            "\tT2",
            "  Backend features:",
            "",
        ]
    )
    looks = status().looks(f"info virtio-status {PATH}")
    assert "● started" in looks
    assert "driver_ok" in looks
    assert "● taken   T1" in looks


@pytest.mark.parametrize(
    ("version", "features", "line"),
    [
        ((10, 0, 0), {"unknown-dev-features": 5}, f"  unknown-features(0x{5:016x})"),
        (NEWEST, {"unknown-dev-features": 5}, f"  unknown-features(0x{5:032x})"),
        (
            NEWEST,
            {"unknown-dev-features": 5, "unknown-dev-features2": 6},
            f"  unknown-features(0x{6:016x}{5:016x})",
        ),
    ],
)
def test_features_without_names(
    version: tuple[int, int, int], features: Message, line: str
) -> None:
    """The number has as many digits as the release has feature bits."""
    session = status(version, {"guest-features": {**FEATURES, **features}})

    assert f"\tD1\n{line}\n" in session.prints(f"info virtio-status {PATH}")


VHOST = {
    "nvqs": 2,
    "vq-index": 0,
    "max-queues": 0,
    "n-mem-sections": 4,
    "n-tmp-sections": 4,
    "backend-cap": 0,
    "log-enabled": False,
    "log-size": 0,
    "features": NONE,
    "acked-features": NONE,
    "backend-features": NONE,
    "protocol-features": {"protocols": [], "unknown-protocols": 3},
}


def test_status_of_vhost() -> None:
    """The state of the backend outside of QEMU; the newest release sends less of it."""
    text = status(members={"vhost-dev": VHOST}).prints(f"info virtio-status {PATH}")
    newest = {key: value for key, value in VHOST.items() if key != "backend-features"}
    less = status(members={"vhost-dev": newest}).prints(f"info virtio-status {PATH}")

    assert "  device_name:             virtio-blk (vhost)\n" in text
    assert text.endswith(
        joined(
            [
                "  VHost:",
                "    nvqs:           2",
                "    vq_index:       0",
                "    max_queues:     0",
                "    n_mem_sections: 4",
                "    n_tmp_sections: 4",
                "    backend_cap:    0",
                "    log_enabled:    false",
                "    log_size:       0",
                "    Features:",
                "",
                "    Acked features:",
                "",
                "    Backend features:",
                "",
                "    Protocol features:",
                "",
                f"  unknown-protocols(0x{3:016x})",
            ]
        )
    )
    assert less == text.replace("    Backend features:\n\n", "")


def test_a_release_that_does_not_survive_the_question() -> None:
    """The query is not sent for a virtio device; for all else, its error is QEMU's."""
    line, known = f"info virtio-status {PATH}", {"qom-get": True}
    virtio = FakeSession(known, version=(11, 1, 3))
    other = FakeSession(
        {"x-query-virtio-status": QMPError("no device")}, version=(11, 1, 3)
    )

    assert virtio.prints(line).startswith("Error: QEMU 11.1 crashes ")
    assert [command for command, _ in virtio.calls] == ["qom-get"]
    assert other.prints(line) == "Error: no device\n"


def test_the_devices() -> None:
    """Path and name of each; older releases print a sentence without devices."""
    device = {"path": PATH, "name": "virtio-blk"}

    assert FakeSession({"x-query-virtio": [device]}).prints("info virtio") == (
        f"{PATH} [virtio-blk]\n"
    )
    assert PATH in FakeSession({"x-query-virtio": [device]}).looks("info virtio")
    assert FakeSession({"x-query-virtio": []}).prints("info virtio") == (
        "No VirtIO devices\n"
    )
    error = QMPError("No virtio devices found")
    assert FakeSession({"x-query-virtio": error}).prints("info virtio") == (
        "Error: No virtio devices found\n"
    )


QUEUE = {
    "name": "virtio-blk",
    "queue-index": 1,
    "inuse": 3,
    "used-idx": 4,
    "signalled-used": 5,
    "signalled-used-valid": True,
    "vring-num": 256,
    "vring-num-default": 128,
    "vring-align": 4096,
    "vring-desc": 0x1000,
    "vring-avail": 0x2000,
    "vring-used": 0x3000,
}


def test_queue_status() -> None:
    """Counters that only vhost knows are left out."""
    line = f"info virtio-queue-status {PATH} 1"
    session = FakeSession({"x-query-virtio-queue-status": QUEUE})
    more = {**QUEUE, "last-avail-idx": 7, "shadow-avail-idx": 8}
    own = FakeSession({"x-query-virtio-queue-status": more})

    text = session.prints(line)
    assert text == joined(
        [
            f"{PATH}:",
            "  device_name:          virtio-blk",
            "  queue_index:          1",
            "  inuse:                3",
            "  used_idx:             4",
            "  signalled_used:       5",
            "  signalled_used_valid: true",
            "  VRing:",
            "    num:          256",
            "    num_default:  128",
            "    align:        4096",
            "    desc:         0x0000000000001000",
            "    avail:        0x0000000000002000",
            "    used:         0x0000000000003000",
        ]
    )
    assert own.prints(line) == text.replace(
        "  VRing:", "  last_avail_idx:       7\n  shadow_avail_idx:     8\n  VRing:"
    )
    assert "in flight           3 of 256\n" in session.looks(line)


VHOST_QUEUE = {
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


def test_vhost_queue_status() -> None:
    """The addresses in QEMU's memory were sent up to 10.2."""
    line = f"info virtio-vhost-queue-status {PATH} 0"
    session = FakeSession({"x-query-virtio-vhost-queue-status": VHOST_QUEUE})

    assert session.prints(line) == joined(
        [
            f"{PATH}:",
            "  device_name:          virtio-net (vhost)",
            "  kick:                 5",
            "  call:                 6",
            "  VRing:",
            "    num:         256",
            "    desc_phys:   0x0000000000001000",
            "    desc_size:   4096",
            "    avail_phys:  0x0000000000002000",
            "    avail_size:  518",
            "    used_phys:   0x0000000000003000",
            "    used_size:   2054",
        ]
    )
    old = {**VHOST_QUEUE, "desc": 1, "avail": 2, "used": 3}
    older = FakeSession({"x-query-virtio-vhost-queue-status": old})
    assert "    desc:        0x0000000000000001\n    desc_phys:" in older.prints(line)
    assert "desc             0x1000, 4096 bytes\n" in session.looks(line)


ELEMENT = {
    "name": "virtio-blk",
    "index": 0,
    "avail": {"flags": 0, "idx": 2, "ring": 1},
    "used": {"flags": 1, "idx": 3},
    "descs": [
        {"addr": 0x1000, "len": 16, "flags": ["next", "write"]},
        {"addr": 0x2000, "len": 1, "flags": []},
    ],
}


def test_queue_element() -> None:
    """The descriptors come first, then the rings."""
    line = f"info virtio-queue-element {PATH} 0"
    session = FakeSession({"x-query-virtio-queue-element": ELEMENT})

    assert session.prints(line) == joined(
        [
            f"{PATH}:",
            "  device_name: virtio-blk",
            "  index:   0",
            "  desc:",
            "    descs:",
            "        addr 0x1000 len 16 (next, write),",
            "        addr 0x2000 len 1",
            "  avail:",
            "    flags: 0",
            "    idx:   2",
            "    ring:  1",
            "  used:",
            "    flags: 1",
            "    idx:   3",
        ]
    )
    assert " 0x1000      16   next, write\n" in session.looks(line)


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ("0", {"queue": 0}),
        ("0x10001 5", {"queue": 1, "index": 5}),
        ("0 0x10005", {"queue": 0, "index": 5}),
        ("0 0xffffffff", {"queue": 0}),
    ],
)
def test_numbers_of_queues_and_elements(words: str, arguments: Message) -> None:
    """They are cut to 16 bits as in QEMU; 32 ones mean no element."""
    answers = {"x-query-virtio-queue-element": ELEMENT}
    calls = qmp_calls(f"info virtio-queue-element {PATH} {words}", answers)

    assert calls == [("x-query-virtio-queue-element", {"path": PATH, **arguments})]

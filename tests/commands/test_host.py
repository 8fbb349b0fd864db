from __future__ import annotations

import pytest

from hmp.qmp.errors import QMPError
from tests.fakes import FakeSession, joined, qmp_calls


@pytest.mark.parametrize("name", ["getfd", "closefd"])
def test_descriptors(name: str) -> None:
    """By the name that they were given."""
    assert qmp_calls(f"{name} disk") == [(name, {"fdname": "disk"})]


def test_an_event_for_xen() -> None:
    """The port is said; a machine without Xen says so."""
    assert FakeSession({"xen-event-inject": {}}).prints("xen-event-inject 3") == (
        "Delivered port 3\n"
    )
    error = QMPError("Xen event channel emulation not enabled")
    assert FakeSession({"xen-event-inject": error}).prints("xen-event-inject 3") == (
        "Error: Xen event channel emulation not enabled\n"
    )


def port(number: int, kind: str, **more: object) -> dict[str, object]:
    """Return an event channel."""
    return {
        "port": number,
        "vcpu": 0,
        "type": kind,
        "remote-domain": "",
        "target": 7,
        **{"pending": False, "masked": False, **more},
    }


def test_the_event_channels_of_xen() -> None:
    """What each is bound to, and what it waits for."""
    ports = [
        port(1, "ipi"),
        port(2, "virq", pending=True),
        port(1024, "interdomain", vcpu=3, masked=True, **{"remote-domain": "qemu"}),
        port(4, "unbound", pending=True, masked=True),
    ]
    session = FakeSession({"xen-event-list": ports})

    assert session.prints("xen-event-list") == joined(
        [
            "port    1: vcpu: 0 ipi",
            "port    2: vcpu: 0 virq(7) PENDING",
            "port 1024: vcpu: 3 interdomain(REMOTE:7) MASKED",
            "port    4: vcpu: 0 unbound(7) PENDING MASKED",
        ]
    )
    rows = session.looks("xen-event-list").splitlines()[2:]
    assert [row.split("   ")[-1] for row in rows] == [
        "● ready",
        "● pending",
        "○ masked",
        "○ pending, masked",
    ]

"""Raw QMP on real machines: values where the schema takes anything, and odd requests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.qemu.conftest import Session
from tests.qemu.machines import RunningQemu

pytestmark = pytest.mark.qemu

_MACHINE = [
    "-M",
    "pc",
    "-S",
    "-nodefaults",
    "-object",
    "iothread,id=io0",
    "-device",
    "usb-ehci,id=ub",
]


@pytest.fixture
def session(qemu_command: list[str]) -> Iterator[Session]:
    """Our monitor of a machine that can be changed."""
    qemu = RunningQemu(qemu_command, _MACHINE)
    found = Session(qemu)
    yield found
    found.connection.close()
    qemu.close()


def test_values_where_the_schema_is_open(session: Session) -> None:
    """They are JSON, and not texts, which 10.0 refuses."""
    for line in (
        "qmp device_add driver=virtio-net-pci id=n0 bootindex=1 mq=true",
        "qmp qom-set path=/objects/io0 property=poll-max-ns value=2",
        'qmp qom-set {"path": "/objects/io0", "property": "poll-grow", "value": 3}',
        'qmp object-add qom-type=throttle-group id=tg0 limits={"iops-total": 7}',
    ):
        assert session.ours(line) == "{\n}\n", line

    assert session.theirs("qom-get /objects/io0 poll-max-ns") == "2\n"
    assert session.theirs("qom-get /objects/io0 poll-grow") == "3\n"
    assert session.theirs("qom-get /machine/peripheral/n0 bootindex") == "1\n"
    assert session.theirs("qom-get /machine/peripheral/n0 mq") == "true\n"


def test_out_of_band(session: Session) -> None:
    """Whether it can be done so is the machine's to say."""
    said = session.ours('qmp {"exec-oob": "migrate-pause"}')

    assert "migrate-pause" in said or "postcopy" in said, said


def test_a_second_negotiation(session: Session) -> None:
    """The machine refuses it in its own words."""
    assert session.ours("qmp qmp_capabilities") == (
        "Error: Capabilities negotiation is already complete, command ignored\n"
    )

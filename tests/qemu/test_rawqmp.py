"""Raw QMP on real machines: values where the schema takes anything, and odd requests."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from hmp.frontends.script import drive
from hmp.monitor.errors import CommandFailedError
from hmp.monitor.raw_qmp import raw_request
from tests.fakes import FakeConnection
from tests.qemu.conftest import Session
from tests.qemu.machines import RunningQemu
from tests.qemu.members import lines, value_at

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


@pytest.mark.parametrize(
    "line",
    [
        "object-add qom-type=memory-backend-ram id=m size=-1",
        'object-add {"qom-type": "memory-backend-ram", "id": "m", "size": -1}',
        "object-add qom-type=memory-backend-ram id=m size=18446744073709551616",
        "object-add qom-type=iothread id=m poll-max-ns=5k",
        "object-add qom-type=iothread id=m poll-max-ns=1e3",
        "netdev_add type=hubport id=m hubid=1_0",
        "blockdev-add driver=null-co node-name=m latency-ns=-1",
    ],
)
def test_a_number_that_the_schema_refuses(session: Session, line: str) -> None:
    """It is not sent as another one: QEMU dies of a size of 2^64-1."""
    said = session.ours(f"qmp {line}")

    assert " expects " in said, said
    assert session.theirs("info name") == ""  # alive


_OWN_DEATHS = ("object-add qom-type=colo-compare", "qom-list-types", "netdev_add")
"""Commands of which QEMU dies, or that start programs, with right values as well."""


def test_values_are_of_the_type_of_their_member(session: Session) -> None:
    """Of each branch of each command's union; QEMU survives what is sent."""
    schema = drive(session.connection.schema())
    machine = FakeConnection({"query-qmp-schema": list(schema.entries.values())})
    types = {"int": (int,), "number": (int, float), "boolean": (bool,), "enum": (str,)}
    long = "HMP_TEST_LONG" in os.environ
    for member, value in lines(schema, long):
        line = member.line(value)
        try:
            request = drive(raw_request(machine, line))
        except CommandFailedError:
            continue

        assert type(value_at(request.arguments, member.path)) in types[member.kind], line

        if long and not line.startswith(_OWN_DEATHS):
            session.ours(f"qmp {line}")
    assert session.theirs("info name") == ""

"""Whether a machine fits another one: what is asked, and what differs."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from commands._guest_hardware import GuestHardware, guest_hardware, misfits, other_files
from hmp.qmp.errors import QMPError
from tests.fakes import FakeConnection, Message

PERIPHERAL = "/machine/peripheral"
PROPERTIES = {
    ("/machine", "type"): "pc-q35-8.2-machine",
    ("/cpu0", "type"): "max-x86_64-cpu",
    ("/cpu0", "feature-words"): [
        {"cpuid-register": "EAX", "features": 0},
        {"cpuid-register": "ECX", "features": 5},
    ],
}
DEVICES: dict[str, list[Message]] = {
    PERIPHERAL: [
        {"name": "type", "type": "string"},
        {"name": "nic", "type": "child<e1000>"},
    ],
    f"{PERIPHERAL}-anon": [{"name": "device[0]", "type": "child<vga>"}],
}
MEDIUM = {"file": "/d", "image": {"virtual-size": 5}}
MACHINE: Message = {
    "query-memory-size-summary": {"base-memory": 64, "plugged-memory": 16},
    "query-cpus-fast": [{"qom-path": "/cpu0"}, {"qom-path": "/cpu1"}],
    "query-pci": [
        {
            "bus": 16,
            "devices": [
                {"slot": 17, "function": 3, "id": {"vendor": 0x8086, "device": 0x29}},
            ],
        }
    ],
    "query-block": [
        {"device": "d", "inserted": MEDIUM},
        {"device": "", "qdev": "q", "inserted": {**MEDIUM, "file": "/q"}},
        {"device": "", "inserted": {**MEDIUM, "file": "/n"}},
        {"device": "empty"},
    ],
    "qom-get": lambda args: PROPERTIES[args["path"], args["property"]],
    "qom-list": lambda args: DEVICES[args["path"]],
}


def hardware(**answers: Any) -> GuestHardware:
    """Return what is known of the machine, if some of its answers are others."""
    others = {name.replace("_", "-"): value for name, value in answers.items()}
    machine = FakeConnection({**MACHINE, **others})
    machine.fills = False
    return asyncio.run(guest_hardware(machine))


def test_all_that_a_guest_sees() -> None:
    """Of a machine that answers everything."""
    assert vars(hardware()) == {
        "machine": "pc-q35-8.2",
        "memory": 80,
        "cpus": 2,
        "cpu": "max-x86_64-cpu",
        "features": [{"cpuid-register": "ECX", "features": 5}],
        "devices": {"nic": "e1000", "device[0]": "vga"},
        "slots": {"10:11.3": "8086:0029"},
        "disks": {"d": (5, "/d"), "q": (5, "/q"), "": (5, "/n")},
    }


NOTHING: Message = {
    "machine": None,
    "memory": None,
    "cpus": None,
    "cpu": None,
    "features": None,
    "devices": None,
    "slots": None,
    "disks": {},
}


def test_what_a_machine_does_not_say() -> None:
    """Remains unknown."""
    nothing = {name.replace("-", "_"): QMPError("no") for name in MACHINE}
    assert vars(hardware(**nothing)) == NOTHING
    assert vars(GuestHardware()) == NOTHING
    assert hardware(query_memory_size_summary={"base-memory": 8}).memory == 8
    no_cpus = hardware(query_cpus_fast=[])
    assert (no_cpus.cpus, no_cpus.cpu) == (0, None)


def test_one_list_of_devices_alone_is_none() -> None:
    """The other one could have what this one lacks."""

    def listed(args: Message) -> Any:
        return DEVICES[PERIPHERAL] if args["path"] == PERIPHERAL else QMPError("no")

    assert hardware(qom_list=listed).devices is None


def test_a_cpu_whose_features_are_unknown() -> None:
    """As on other architectures."""

    def asked(args: Message) -> Any:
        return QMPError("no") if args["property"] == "feature-words" else "cortex"

    found = hardware(qom_get=asked)
    assert (found.cpu, found.features) == ("cortex", None)


def machine(**facts: Any) -> GuestHardware:
    """Return a machine of which this is known."""
    found = GuestHardware()
    for name, value in facts.items():
        setattr(found, name, value)
    return found


@pytest.mark.parametrize(
    ("here", "there", "reasons"),
    [
        ({}, {}, []),
        ({"machine": "a"}, {"machine": "b"}, ["the machine is a here and b there"]),
        ({"cpu": "a"}, {"cpu": "b"}, ["the CPU is a here and b there"]),
        ({"cpus": 1}, {"cpus": 2}, ["the number of CPUs is 1 here and 2 there"]),
        (
            {"memory": 1 << 20},
            {"memory": 2 << 20},
            ["the memory is 1 MiB here and 2 MiB there"],
        ),
        ({"features": [1]}, {"features": [2]}, ["the features of the CPU differ"]),
        (
            {"devices": {"b": "x", "a": "x", "c": "x"}},
            {"devices": {"c": "x", "b": "y", "d": "z"}},
            [
                "the device a is x here and missing there",
                "the device b is x here and y there",
                "the device d is missing here and z there",
            ],
        ),
        (
            {"slots": {"00:01.0": "1:2"}},
            {"slots": {}},
            ["the PCI device at 00:01.0 is 1:2 here and missing there"],
        ),
        (
            {"disks": {"a": (1, "f"), "b": (1 << 10, "f"), "c": (1, "f")}},
            {"disks": {"b": (1 << 11, "f"), "c": (1, "g")}},
            ["the disk a has no medium there", "the disk b has 1 KiB here and 2 KiB there"],
        ),
    ],
)
def test_what_differs(here: Message, there: Message, reasons: list[str]) -> None:
    """A sentence for each difference; what only one machine says fits."""
    assert misfits(machine(**here), machine(**there)) == reasons
    assert misfits(machine(**here), machine(**here)) == []
    if "disks" not in here:
        assert misfits(machine(**here), machine()) == []
        assert misfits(machine(), machine(**there)) == []


def test_files_of_other_names() -> None:
    """They may be the same file all the same."""
    here = machine(disks={"a": (1, "/a"), "b": (1, "/b"), "c": (1, "/c")})
    there = machine(disks={"a": (1, "/a"), "b": (1, "/x")})

    assert other_files(here, there) == ["its disk b is /x there and /b here"]

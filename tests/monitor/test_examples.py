"""Examples of help pages, filled in for a machine."""

from __future__ import annotations

from typing import Any

import pytest

from completions.defaults import KINDS
from hmp.frontends.script import drive
from hmp.monitor.examples import filled
from hmp.monitor.help import illustrated
from tests.fakes import FakeConnection, tables

MEDIUM = {"ro": False, "drv": "raw", "file": "f"}
BLOCK = [
    {"device": "", "removable": True},
    {"device": "disk 0", "removable": False, "inserted": MEDIUM},
    {"device": "cd0", "removable": True},
]


def example(name: str, replies: dict[str, Any], version: tuple[int, int, int]) -> str:
    """Return the example of a command on a machine with these replies."""
    entry = tables().get(name)
    assert entry is not None
    return drive(filled(FakeConnection(replies, version=version), entry, KINDS))


@pytest.mark.parametrize(
    ("name", "replies", "version", "line"),
    [
        (
            "block_resize",
            {"query-block": BLOCK[1:], "query-named-block-nodes": []},
            (7, 2, 0),
            'block_resize "disk 0" 20G',
        ),
        ("eject", {"query-block": BLOCK}, (7, 2, 0), "eject cd0"),
        ("eject", {"query-block": BLOCK[:2]}, (7, 2, 0), ""),
        ("eject", {}, (7, 2, 0), ""),
        ("x", {"query-target": {"arch": "x86_64"}}, (10, 0, 0), "x /4i $eip"),
        ("x", {"query-target": {"arch": "x86_64"}}, (11, 1, 0), "x /4i $rip"),
        ("x", {"query-target": {"arch": "ppc64"}}, (7, 2, 0), "x /4i $pc"),
        ("x", {"query-target": {"arch": "riscv64"}}, (7, 2, 0), ""),
        (
            "set_password",
            {"query-vnc": {"auth": "vnc"}},
            (7, 2, 0),
            "set_password vnc secret",
        ),
        ("set_password", {"query-vnc": {"auth": "none"}}, (7, 2, 0), ""),
        ("boot_set", {}, (7, 2, 0), "boot_set cdn"),
        ("stop", {}, (7, 2, 0), ""),
    ],
)
def test_an_example_names_what_the_machine_has(
    name: str, replies: dict[str, Any], version: tuple[int, int, int], line: str
) -> None:
    """Without the thing it needs there is none."""
    assert example(name, replies, version) == line


def test_devices_go_to_a_bus_with_room() -> None:
    """A root port with a device in it has none."""
    ids = {"vendor": 0x8086, "device": 0x29C0}

    def port(name: str, *below: object) -> dict[str, Any]:
        return {"id": ids, "qdev_id": name, "pci_bridge": {"devices": list(below)}}

    devices = [{"id": ids, "qdev_id": ""}, port("rp0", {}), port(""), port("rp1")]

    line = example("device_add", {"query-pci": [{"devices": devices}]}, (7, 2, 0))

    assert line == "device_add virtio-rng-pci,id=rng1,bus=rp1"


@pytest.mark.parametrize(
    ("topic", "line"),
    [
        ({"name": "eject"}, "eject cd0"),
        ({"name": "eject", "unavailable": "it lacks eject"}, ""),
        ({"name": "nope"}, ""),
        ({"name": "info name"}, ""),
    ],
)
def test_a_topic_has_the_example_of_a_command(topic: dict[str, Any], line: str) -> None:
    """Unless the machine lacks it."""
    machine = FakeConnection({"query-block": BLOCK})

    assert drive(illustrated(machine, tables(), topic, KINDS)) == {**topic, "example": line}

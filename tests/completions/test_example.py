"""What the examples of help pages are filled with."""

from __future__ import annotations

from typing import Any

import pytest

from completions.example import FREE_BUS, UNPLUGGABLE, VNC_WITH_PASSWORD
from hmp.qmp.errors import QMPError
from tests.completions.helpers import names
from tests.fakes import Message


def pci(device: str, vendor: int = 1, number: int = 2, **bridge: Any) -> Message:
    """Return an entry of query-pci."""
    return {"qdev_id": device, "id": {"vendor": vendor, "device": number}, **bridge}


@pytest.mark.parametrize(
    ("devices", "found"),
    [
        ([pci("")], []),
        ([pci("", 0x8086, 0x1237)], ["pci.0"]),
        ([pci("", 0x8086, 0x1238)], []),
        ([pci("rp0", pci_bridge={"devices": []})], ["rp0"]),
        ([pci("rp0", pci_bridge={})], ["rp0"]),
        ([pci("", pci_bridge={})], []),
        ([pci("rp0", pci_bridge={"devices": [pci("nic0")]})], []),
    ],
)
def test_buses_with_room(devices: list[Message], found: list[str]) -> None:
    """The root bus of a pc machine, and ports with a name and nothing in them."""
    assert names(FREE_BUS, {"query-pci": [{"bus": 0, "devices": devices}]}) == found


def test_devices_that_can_be_unplugged() -> None:
    """Neither those that stay, nor those that have gone meanwhile."""
    hotpluggable = {"nic0": True, "vga0": False}

    def answer(arguments: Message) -> Any:
        name = arguments["path"].rpartition("/")[2]
        return hotpluggable.get(name, QMPError("Device 'gone0' not found"))

    children = [
        {"name": name, "type": "child<e1000>"} for name in ("nic0", "vga0", "gone0")
    ]
    answers = {"qom-list": children, "qom-get": answer}

    assert names(UNPLUGGABLE, answers) == ["nic0"]


@pytest.mark.parametrize(
    ("server", "found"),
    [({"auth": "vnc"}, ["vnc"]), ({"auth": "none"}, []), ({}, [])],
)
def test_vnc_with_a_password(server: Message, found: list[str]) -> None:
    """Only a server that asks for one can be given another."""
    answer = {"query-vnc": {"enabled": True, **server}}

    assert names(VNC_WITH_PASSWORD, answer) == found

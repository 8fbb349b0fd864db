from __future__ import annotations

from typing import Any

import pytest

from completions.bus import with_room
from completions.device import (
    DEVICE_ID,
    DEVICE_OPTIONS,
    NET_CLIENT,
    NETDEV_ID,
    NETDEV_OPTIONS,
    OBJECT_ID,
    OBJECT_OPTIONS,
    ROCKER,
)
from hmp.qmp.errors import QMPError
from tests.completions.helpers import names, words
from tests.fakes import Message

TREE = {
    "/machine/peripheral": [("type", "string"), ("nic0", "child<e1000>")],
    "/machine/peripheral/nic0": [],
    "/machine/unattached": [("device[0]", "child<q35-pcihost>")],
    "/machine/unattached/device[0]": [("pcie.0", "child<PCIE>"), ("mem", "child<x>")],
    "/objects": [("io0", "child<iothread>"), ("m0", "child<memory-backend-ram>")],
}
NETWORK = """hub 0\r
 \\ net1: index=0,type=user,net=10.0.2.0\r
nic0: index=0,type=nic,model=e1000,macaddr=52:54:00:12:34:56\r
 \\ net0: index=0,type=user,net=10.0.2.0,restrict=off\r
filters:\r
"""
MODELS = """Network devices:
name "e1000", bus PCI, alias "e1000-82540em", desc "Intel Gigabit Ethernet"
name "vmxnet", bus System, no-user
name "ahci", bus PCI
name "scsi-hd", bus SCSI
Misc devices:
name "sysinfo"
"""
BUSES = """bus: main-system-bus
  type System
  dev: q35-pcihost, id ""
    bus: pcie.0
      type PCIE
"""


def qom_list(arguments: Message) -> list[Message]:
    """Answer qom-list."""
    return [{"name": name, "type": kind} for name, kind in TREE[arguments["path"]]]


def types(arguments: Message) -> list[Message]:
    """Answer qom-list-types."""
    found = {
        "device": [{"name": "e1000", "parent": "pci-device"}, {"name": "ahci"}],
        "bus": [{"name": "PCI"}, {"name": "PCIE"}],
        "user-creatable": [{"name": "iothread", "parent": "object"}],
    }
    return found.get(arguments["implements"], [])


def monitor(arguments: Message) -> str:
    """Answer for QEMU's own monitor."""
    lines = {"info network": NETWORK, "info qdm": MODELS, "info qtree": BUSES}
    return lines.get(arguments["command-line"], "info qtree: extraneous characters\n")


PROPERTIES = [
    {"name": "mac", "type": "str", "description": "Ethernet address"},
    {"name": "mq", "type": "bool"},
    {"name": "drive", "type": "str"},
    {"name": "netdev", "type": "str"},
    {"name": "chardev", "type": "str"},
    {"name": "iothread", "type": "link<iothread>"},
    {"name": "bar", "type": "OnOffAuto"},
    {"name": "werror", "type": "Policy", "description": "what to do (report/stop)"},
]
SCHEMA: list[Any] = [
    {"name": "str", "meta-type": "builtin", "json-type": "string"},
    {"name": "bool", "meta-type": "builtin", "json-type": "boolean"},
    {"name": "kind", "meta-type": "enum", "values": ["user", "tap"]},
    {"name": "c", "meta-type": "command", "arg-type": "args", "ret-type": "user"},
    {"name": "netdev_add", "meta-type": "command", "arg-type": "args", "ret-type": "user"},
    {"name": "object-add", "meta-type": "command", "arg-type": "args", "ret-type": "user"},
    {
        "name": "args",
        "meta-type": "object",
        "tag": "type",
        "members": [{"name": "type", "type": "kind"}, {"name": "id", "type": "str"}],
        "variants": [{"case": "user", "type": "user"}, {"case": "tap", "type": "tap"}],
    },
    {
        "name": "user",
        "meta-type": "object",
        "members": [{"name": "restrict", "type": "bool"}],
    },
    {"name": "tap", "meta-type": "object", "members": []},
]
ANSWERS = {
    "qom-list": qom_list,
    "qom-list-types": types,
    "device-list-properties": PROPERTIES,
    "human-monitor-command": monitor,
    "query-block": [{"device": "d0"}],
    "query-named-block-nodes": [],
    "query-chardev": [{"label": "c0", "filename": "null"}],
    "query-qmp-schema": SCHEMA,
}


def test_devices_and_objects_that_users_have_named() -> None:
    """With their types."""
    assert words(DEVICE_ID, ANSWERS) == [("nic0", "e1000")]
    assert words(OBJECT_ID, ANSWERS) == [("io0", "iothread"), ("m0", "memory-backend-ram")]


def test_network_clients() -> None:
    """QEMU's own monitor alone knows them; cards are no backends."""
    assert words(NET_CLIENT, ANSWERS) == [
        ("net0", "user"),
        ("net1", "user"),
        ("nic0", "nic"),
    ]
    assert names(NETDEV_ID, ANSWERS) == ["net0", "net1"]


@pytest.mark.parametrize(
    ("context", "found"),
    [
        ("", ["ahci", "e1000", "e1000-82540em", "scsi-hd", "sysinfo"]),
        (
            "e1000",
            [
                "id=",
                "bus=",
                "bar=",
                "chardev=",
                "drive=",
                "iothread=",
                "mac=",
                "mq=",
                "netdev=",
                "werror=",
            ],
        ),
        ("e1000,mq", ["on", "off"]),
        ("e1000,bar", ["on", "off"]),
        ("e1000,mac", []),
        ("e1000,werror", ["report", "stop"]),
        ("e1000,nope", []),
        ("e1000,drive", ["d0"]),
        ("e1000,netdev", ["net1", "net0"]),
        ("e1000,chardev", ["c0"]),
        ("e1000,bus", ["pcie.0"]),
        ("sysinfo,bus", ["main-system-bus", "pcie.0"]),
        ("scsi-hd,bus", []),
        ("e1000,iothread", ["io0"]),
    ],
)
def test_device_options(context: str, found: list[str]) -> None:
    """Models, behind one its properties, behind a property its values."""
    assert names(DEVICE_OPTIONS, ANSWERS, context) == found


@pytest.mark.parametrize(
    ("context", "found"),
    [
        ("", ["user", "tap"]),
        ("user", ["id=", "restrict="]),
        ("tap", ["id="]),
        ("user,restrict", ["on", "off"]),
        ("user,id", []),
        ("user,nope", []),
    ],
)
def test_netdev_options(context: str, found: list[str]) -> None:
    """By the machine's schema."""
    assert names(NETDEV_OPTIONS, ANSWERS, context) == found


@pytest.mark.parametrize(
    ("context", "found"),
    [("", ["iothread"]), ("user", ["id=", "restrict="]), ("nope", ["id="])],
)
def test_object_options(context: str, found: list[str]) -> None:
    """Types by the machine's list, their properties by its schema."""
    assert names(OBJECT_OPTIONS, ANSWERS, context) == found


def test_what_is_in_use_comes_last_with_its_user() -> None:
    """A drive or backend serves one device, so those in use come last."""
    drives = [
        {"device": "d0", "qdev": "/machine/peripheral/vb/virtio-backend"},
        {"device": "d1"},
        {"device": "", "qdev": "cd", "inserted": {"node-name": "n0"}},
    ]
    nodes = [{"node-name": name, "drv": "raw", "file": "f"} for name in ("n0", "n1")]
    network = "net1: index=0,type=user\r\nnic0: type=nic\r\n \\ net0: index=0,type=tap"
    answers = {
        **ANSWERS,
        "query-block": drives,
        "query-named-block-nodes": nodes,
        "human-monitor-command": lambda arguments: network,
    }

    assert words(DEVICE_OPTIONS, answers, "e1000,drive")[1:] == [
        ("d1", "no medium"),
        ("n1", "node, raw: f"),
        ("d0", "used by vb: no medium"),
        ("n0", "used by cd: node, raw: f"),
    ]
    assert words(DEVICE_OPTIONS, answers, "e1000,netdev")[1:] == [
        ("net1", "user"),
        ("net0", "used by nic0: tap"),
    ]


def test_buses_with_room() -> None:
    """A port of PCI Express takes one device, an IDE bus two, or one of AHCI."""
    tree = """bus: main-system-bus
  type System
  dev: q35-pcihost, id ""
    bus: pcie.0
      type PCIE
      dev: pcie-root-port, id "rp1"
        bus: rp1
          type PCIE
          dev: virtio-blk-pci, id "vb"
            bus: virtio-bus
              type virtio-pci-bus
              dev: virtio-blk-device, id ""
      dev: pcie-root-port, id "rp2"
        bus: rp2
          type PCIE
      dev: ich9-ahci, id ""
        bus: ide.0
          type IDE
          dev: ide-hd, id ""
      dev: piix3-ide, id ""
        bus: ide.1
          type IDE
          dev: ide-hd, id ""
"""
    found = [name for name, _ in with_room(tree)]

    assert found == ["main-system-bus", "pcie.0", "rp2", "ide.1"]


def test_models_are_explained() -> None:
    """By QEMU's own description, with the bus that they want."""
    assert words(DEVICE_OPTIONS, ANSWERS)[1] == ("e1000", "Intel Gigabit Ethernet, on PCI")


def test_models_of_cpus_come_last() -> None:
    """A hundred of them came before the first device that users plug in."""
    listed = ('name "486-x86_64-cpu"', 'name "virtio-net-pci", bus PCI')
    answers = {**ANSWERS, "human-monitor-command": "\n".join(listed)}

    assert names(DEVICE_OPTIONS, answers) == ["virtio-net-pci", "486-x86_64-cpu"]


def test_models_without_a_human_monitor() -> None:
    """A machine that has none has the types, at least."""
    answers = {**ANSWERS, "human-monitor-command": QMPError("no", "CommandNotFound")}
    answers["qom-list-types"] = types

    assert names(DEVICE_OPTIONS, answers) == ["ahci", "e1000"]


def test_a_property_is_explained() -> None:
    """Its type, description and default are told where its value is typed."""
    listed = [{"name": "n", "type": "uint16", "description": "queues", "default-value": 4}]
    answers = {**ANSWERS, "device-list-properties": listed}

    assert words(DEVICE_OPTIONS, answers, "e1000,n") == [("", "queues, uint16, default 4")]


def test_rockers_have_names_of_their_own() -> None:
    """With an id or without."""
    tree = {
        "/machine/peripheral": [("sw", "child<rocker>"), ("nic0", "child<e1000>")],
        "/machine/peripheral-anon": [("device[0]", "child<rocker>")],
    }
    answers = {
        "qom-list": lambda args: [{"name": n, "type": t} for n, t in tree[args["path"]]],
        "qom-get": lambda args: f"name of {args['path'].rpartition('/')[2]}",
    }

    assert words(ROCKER, answers) == [
        ("name of sw", "sw"),
        ("name of device[0]", "device[0]"),
    ]

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes import FakeSession, Message, joined, qmp_calls

NETWORK = """\
hub 0
 \\ hub0port0: net1: index=0,type=user,net=10.0.2.0,restrict=off
nic0: index=0,type=nic,model=e1000e,macaddr=52:54:00:12:34:56
 \\ net0: index=0,type=tap,fd=7
filters:
  - f0: type=filter-dump,netdev=net0
"""


def test_network_is_a_tree() -> None:
    """The peers of a card are below it."""
    looks = FakeSession(lines={"info network": NETWORK}).looks("info network")

    assert "nic0 nic model=e1000e, macaddr=52:54:00:12:34:56\n└── net0 tap fd=7" in looks
    assert "filters:\n└── f0 filter-dump netdev=net0" in looks
    assert "hub 0\n" in looks


HEADING = (
    "  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ\n"
)
SOCKET = "  TCP[HOST_FORWARD]  18               *  3333       10.0.2.15    22     0     5\n"


def test_usernet() -> None:
    """All connections are in one table, each with its network."""
    text = f"Hub -1 (net0):\n{HEADING}{SOCKET}Hub 0 (net1):\n{HEADING}"
    looks = FakeSession(lines={"info usernet": text}).looks("info usernet")

    assert looks.splitlines()[2].split() == [
        "net0",
        "TCP",
        "host",
        "forward",
        "*:3333",
        "10.0.2.15:22",
        "0/5",
    ]
    idle = FakeSession(lines={"info usernet": f"Hub -1 (net0):\n{HEADING}"})
    assert idle.looks("info usernet") == "no connections in net0\n"


def test_rocker() -> None:
    """The id is hexadecimal."""
    session = FakeSession({"query-rocker": {"name": "sw1", "id": 0x1F, "ports": 2}})

    assert session.prints("info rocker sw1") == "name: sw1\nid: 0x1f\nports: 2\n"
    assert session.calls == [("query-rocker", {"name": "sw1"})]
    assert session.looks("info rocker sw1") == "switch  sw1\nports   2\nid      0x1f\n"


def test_rocker_ports() -> None:
    """An unusual speed is shown as ??."""
    first = {
        "name": "sw1.1",
        "enabled": True,
        "link-up": True,
        "speed": 10000,
        "duplex": "full",
        "autoneg": "on",
    }
    second = {**first, "link-up": False, "speed": 1, "duplex": "half", "autoneg": "off"}
    third = {**first, "enabled": False}
    session = FakeSession({"query-rocker-ports": [first, second, third]})

    assert session.prints("info rocker-ports sw1") == joined(
        [
            "            ena/    speed/ auto",
            "      port  link    duplex neg?",
            "     sw1.1  up     10G  FD  Yes",
            "     sw1.1  down   ??   HD  No",
            "     sw1.1  !ena   10G  FD  Yes",
        ]
    )
    looks = session.looks("info rocker-ports sw1")
    assert all(word in looks for word in ("● up", "○ down", "○ disabled"))


@pytest.mark.parametrize(
    ("line", "command", "arguments"),
    [
        ("info rocker-of-dpa-flows s", "query-rocker-of-dpa-flows", {"name": "s"}),
        (
            "info rocker-of-dpa-flows s 10",
            "query-rocker-of-dpa-flows",
            {"name": "s", "tbl-id": 10},
        ),
        (
            "info rocker-of-dpa-flows s 0xffffffff",
            "query-rocker-of-dpa-flows",
            {"name": "s"},
        ),
        ("info rocker-of-dpa-groups s 9", "query-rocker-of-dpa-groups", {"name": "s"}),
        (
            "info rocker-of-dpa-groups s 2",
            "query-rocker-of-dpa-groups",
            {"name": "s", "type": 2},
        ),
    ],
)
def test_rocker_tables(line: str, command: str, arguments: Message) -> None:
    """As in QEMU, one number means all of them."""
    assert qmp_calls(line)[-1] == (command, arguments)


MULTICAST, UNICAST = "01:00:00:00:00:00", "00:00:00:00:00:00"
HOST = "52:54:00:12:35:01"


@pytest.mark.parametrize(
    ("key", "mask", "action", "line"),
    [
        ({}, {}, {}, "1    0   5   "),
        ({"in-pport": 0}, {"in-pport": 0xFFFF0000}, {"goto-tbl": 10},
         "1    0   5    pport 0(0xffff0000) --> goto tbl 10"),
        ({"vlan-id": 0x1001}, {}, {"new-vlan-id": 0x0A00},
         "1    0   5    vlan 1 --> apply new vlan 10"),
        ({"vlan-id": 2, "tunnel-id": 3}, {"vlan-id": 0xFFF, "tunnel-id": 7}, {},
         "1    0   5    vlan 2(0xfff) tunnel 3(0x7)"),
        ({"eth-type": 0x0806}, {}, {"group-id": 0x10},
         "1    0   5    ARP --> write group 0x00000010"),
        ({"eth-type": 0x0800, "ip-proto": 6, "ip-tos": 4, "ip-dst": "10.0.0.0/24"},
         {"ip-proto": 0xFF, "ip-tos": 1}, {},
         "1    0   5    IP proto 6(0xff) TOS 4(0x1) dst 10.0.0.0/24"),
        ({"eth-type": 0x1234}, {}, {}, "1    0   5    eth type 0x1234"),
        *(
            ({"eth-type": number}, {}, {}, f"1    0   5    {name}")
            for number, name in (
                (0x86DD, "IPv6"), (0x8809, "LACP"), (0x88CC, "LLDP"),
                (0xABC, "eth type 0x0abc"),
            )
        ),
        ({"eth-src": MULTICAST}, {"eth-src": MULTICAST}, {},
         "1    0   5    src <any mcast/bcast>"),
        ({"eth-dst": UNICAST}, {"eth-dst": MULTICAST}, {}, "1    0   5    dst <any ucast>"),
        ({"eth-src": HOST, "eth-dst": HOST}, {"eth-dst": "ff:ff:ff:ff:ff:ff"}, {},
         f"1    0   5    src {HOST} dst {HOST}(ff:ff:ff:ff:ff:ff)"),
    ],
)  # fmt: skip
def test_flows(key: Any, mask: Any, action: Any, line: str) -> None:
    """The conditions are in QEMU's order, the actions follow."""
    flow = {
        "cookie": 0,
        "hits": 5,
        "mask": mask,
        "action": action,
        "key": {"priority": 1, "tbl-id": 0, **key},
    }
    session = FakeSession({"query-rocker-of-dpa-flows": [flow, {**flow, "hits": 0}]})

    heading, hit, idle = session.prints("info rocker-of-dpa-flows s").splitlines()
    assert heading == "prio tbl hits key(mask) --> actions"
    assert hit == line
    assert idle == line[:9] + "    " + line[13:]
    assert session.looks("info rocker-of-dpa-flows s").startswith("hits   table")


GROUP = {"id": 0x10000001, "type": 0}


@pytest.mark.parametrize(
    ("members", "line"),
    [
        ({}, "0x10000001 (type L2 interface) -->"),
        ({"type": 99}, "0x10000001 (type unknown) -->"),
        ({"type": -1}, "0x10000001 (type unknown) -->"),
        ({"type": 9}, "0x10000001 (type unknown) -->"),
        *(
            ({"type": number}, f"0x10000001 (type {name}) -->")
            for number, name in enumerate([
                "L2 interface", "L2 rewrite", "L3 unicast", "L2 multicast", "L2 flood",
                "L3 interface", "L3 multicast", "L3 ECMP", "L2 overlay",
            ])
        ),
        ({"vlan-id": 1, "pport": 2, "out-pport": 2, "pop-vlan": 1},
         "0x10000001 (type L2 interface vlan 1 pport 2) --> pop vlan out pport 2"),
        ({"type": 4, "index": 3, "group-ids": [1, 2]},
         "0x10000001 (type L2 flood index 3) --> groups [0x00000001,0x00000002]"),
        ({"type": 2, "set-vlan-id": 0x1002, "set-eth-src": HOST, "set-eth-dst": HOST,
          "ttl-check": 1, "group-id": 9},
         f"0x10000001 (type L3 unicast) --> set vlan 2 src {HOST} dst {HOST} check TTL"
         " group id 0x00000009"),
        ({"set-eth-dst": HOST, "set-vlan-id": 0, "ttl-check": 0, "group-id": 0,
          "pop-vlan": 0},
         f"0x10000001 (type L2 interface) --> set dst {HOST}"),
    ],
)  # fmt: skip
def test_groups(members: Any, line: str) -> None:
    """The parts of the id, then the actions; members that are 0 are left out."""
    session = FakeSession({"query-rocker-of-dpa-groups": [{**GROUP, **members}]})

    assert session.prints("info rocker-of-dpa-groups s") == (
        f"id (decode) --> buckets\n{line}\n"
    )
    assert "0x10000001" in session.looks("info rocker-of-dpa-groups s")

"""Flows and groups of a rocker switch (OF-DPA), as lines and as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmp.authoring import views

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.console import RenderableType

    from hmp.qmp.reply_types import (
        RockerOfDpaFlow,
        RockerOfDpaFlowAction,
        RockerOfDpaFlowKey,
        RockerOfDpaFlowMask,
        RockerOfDpaGroup,
    )

_MULTICAST = "01:00:00:00:00:00"
_UNICAST = "00:00:00:00:00:00"
# the 12 bits of a VLAN's id; the rest of the member is priority and flags
_VLAN = 0xFFF
_ETHERTYPES = {
    0x0806: "ARP",
    0x0800: "IP",
    0x86DD: "IPv6",
    0x8809: "LACP",
    0x88CC: "LLDP",
}
# by the number of the type
_GROUPS = (
    "L2 interface",
    "L2 rewrite",
    "L3 unicast",
    "L2 multicast",
    "L2 flood",
    "L3 interface",
    "L3 multicast",
    "L3 ECMP",
    "L2 overlay",
)


def flow_line(flow: RockerOfDpaFlow) -> str:
    """Return the line of a flow: the packets that it matches and its actions on them."""
    key = flow["key"]
    hits = f"{flow['hits']:<4}" if flow["hits"] else " " * 4
    actions = " ".join(_actions(flow["action"]))
    arrow = f" --> {actions}" if actions else ""
    matched = "".join(f" {part}" for part in _matched(key, flow["mask"]))
    return f"{key['priority']:<4} {key['tbl-id']:<3} {hits}{matched}{arrow}"


def _matched(key: RockerOfDpaFlowKey, mask: RockerOfDpaFlowMask) -> Iterator[str]:
    """Yield the conditions of a flow, each with its mask in brackets if it has one."""
    vlan = key["vlan-id"] & _VLAN if "vlan-id" in key else None
    yield from _number("pport", key.get("in-pport"), mask.get("in-pport"))
    yield from _number("vlan", vlan, mask.get("vlan-id"))
    yield from _number("tunnel", key.get("tunnel-id"), mask.get("tunnel-id"))
    if "eth-type" in key:
        kind = key["eth-type"]
        yield _ETHERTYPES.get(kind, f"eth type 0x{kind:04x}")
    yield from _address("src", key.get("eth-src"), mask.get("eth-src"))
    yield from _address("dst", key.get("eth-dst"), mask.get("eth-dst"))
    yield from _number("proto", key.get("ip-proto"), mask.get("ip-proto"))
    yield from _number("TOS", key.get("ip-tos"), mask.get("ip-tos"))
    if "ip-dst" in key:
        yield f"dst {key['ip-dst']}"


def _number(word: str, number: int | None, mask: int | None) -> Iterator[str]:
    if number is not None:
        yield f"{word} {number}" + (f"(0x{mask:x})" if mask is not None else "")


def _address(word: str, address: str | None, masked: str | None) -> Iterator[str]:
    if address is None:
        return
    if masked == _MULTICAST and address in (_MULTICAST, _UNICAST):
        yield f"{word} <any {'mcast/bcast' if address == _MULTICAST else 'ucast'}>"
    else:
        yield f"{word} {address}" + (f"({masked})" if masked is not None else "")


def _actions(action: RockerOfDpaFlowAction) -> Iterator[str]:
    if "new-vlan-id" in action:
        # QEMU keeps it in network byte order, and nearly all hosts are little-endian
        low, high = action["new-vlan-id"] & 0xFF, action["new-vlan-id"] >> 8
        yield f"apply new vlan {low << 8 | high}"
    if "group-id" in action:
        yield f"write group 0x{action['group-id']:08x}"
    if "goto-tbl" in action:
        yield f"goto tbl {action['goto-tbl']}"


def flow_view(value: list[RockerOfDpaFlow]) -> RenderableType:
    """Return a table of the flows, those with the most hits first."""
    rows = (
        (
            flow["hits"],
            flow["key"]["tbl-id"],
            flow["key"]["priority"],
            ", ".join(_matched(flow["key"], flow["mask"])),
            ", ".join(_actions(flow["action"])),
        )
        for flow in sorted(value, key=lambda flow: -int(flow["hits"]))
    )
    return views.table(">hits", ">table", ">priority", "matches", "does", rows=rows)


def group_line(group: RockerOfDpaGroup) -> str:
    """Return the line of a group: its id, the parts of the id, and its actions."""
    decoded = "".join(f" {part}" for part in _decoded(group))
    buckets = "".join(f" {part}" for part in _buckets(group))
    return f"0x{group['id']:08x} (type {_kind(group)}{decoded}) -->{buckets}"


def _kind(group: RockerOfDpaGroup) -> str:
    return _GROUPS[group["type"]] if 0 <= group["type"] < len(_GROUPS) else "unknown"


def _decoded(group: Mapping[str, object]) -> Iterator[str]:
    for word, member in (("vlan", "vlan-id"), ("pport", "pport"), ("index", "index")):
        if member in group:
            yield f"{word} {group[member]}"


def _buckets(group: RockerOfDpaGroup) -> Iterator[str]:
    # QEMU leaves out the members that are 0, except for the port
    settings: list[str] = []
    if group.get("set-vlan-id"):
        settings.append(f"vlan {group['set-vlan-id'] & _VLAN}")
    if "set-eth-src" in group:
        settings.append(f"src {group['set-eth-src']}")
    if "set-eth-dst" in group:
        settings.append(f"dst {group['set-eth-dst']}")
    if settings:
        yield f"set {' '.join(settings)}"
    if group.get("ttl-check"):
        yield "check TTL"
    if group.get("group-id"):
        yield f"group id 0x{group['group-id']:08x}"
    if group.get("pop-vlan"):
        yield "pop vlan"
    if "out-pport" in group:
        yield f"out pport {group['out-pport']}"
    if "group-ids" in group:
        yield f"groups [{','.join(f'0x{number:08x}' for number in group['group-ids'])}]"


def group_view(value: list[RockerOfDpaGroup]) -> RenderableType:
    """Return a table of the groups."""
    return views.table(
        "group",
        "type",
        "of",
        "does",
        rows=(
            (
                f"0x{group['id']:08x}",
                _kind(group),
                ", ".join(_decoded(group)),
                ", ".join(_buckets(group)),
            )
            for group in value
        ),
    )

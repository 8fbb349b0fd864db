"""Flows and groups of a rocker switch (OF-DPA), as lines and as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hmp.authoring import views

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

_MULTICAST = "01:00:00:00:00:00"
_UNICAST = "00:00:00:00:00:00"
_VLAN = 0xFFF
_ETHERTYPES = {
    0x0806: "ARP",
    0x0800: "IP",
    0x86DD: "IPv6",
    0x8809: "LACP",
    0x88CC: "LLDP",
}
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


def flow_line(flow: Any) -> str:
    """Return the line of a flow: what it matches, and what becomes of that."""
    key = flow["key"]
    hits = f"{flow['hits']:<4}" if flow["hits"] else " " * 4
    actions = " ".join(_actions(flow["action"]))
    arrow = f" --> {actions}" if actions else ""
    matched = "".join(f" {part}" for part in _matched(key, flow["mask"]))
    return f"{key['priority']:<4} {key['tbl-id']:<3} {hits}{matched}{arrow}"


def _matched(key: Any, mask: Any) -> Iterator[str]:
    """Yield what a flow matches; a mask stands behind in brackets."""
    yield from _number("pport", "in-pport", key, mask)
    yield from _number("vlan", "vlan-id", key, mask, _VLAN)
    yield from _number("tunnel", "tunnel-id", key, mask)
    if "eth-type" in key:
        kind = key["eth-type"]
        yield _ETHERTYPES.get(kind, f"eth type 0x{kind:04x}")
    yield from _address("src", "eth-src", key, mask)
    yield from _address("dst", "eth-dst", key, mask)
    yield from _number("proto", "ip-proto", key, mask)
    yield from _number("TOS", "ip-tos", key, mask)
    if "ip-dst" in key:
        yield f"dst {key['ip-dst']}"


def _number(word: str, member: str, key: Any, mask: Any, bits: int = -1) -> Iterator[str]:
    if member in key:
        behind = f"(0x{mask[member]:x})" if member in mask else ""
        yield f"{word} {key[member] & bits}{behind}"


def _address(word: str, member: str, key: Any, mask: Any) -> Iterator[str]:
    if member not in key:
        return
    address, masked = key[member], mask.get(member)
    if masked == _MULTICAST and address in (_MULTICAST, _UNICAST):
        yield f"{word} <any {'mcast/bcast' if address == _MULTICAST else 'ucast'}>"
    else:
        yield f"{word} {address}" + (f"({masked})" if masked is not None else "")


def _actions(action: Any) -> Iterator[str]:
    if "new-vlan-id" in action:
        # QEMU holds it in the network's order, and nearly all hosts have the other one
        low, high = action["new-vlan-id"] & 0xFF, action["new-vlan-id"] >> 8
        yield f"apply new vlan {low << 8 | high}"
    if "group-id" in action:
        yield f"write group 0x{action['group-id']:08x}"
    if "goto-tbl" in action:
        yield f"goto tbl {action['goto-tbl']}"


def flow_view(value: Any) -> RenderableType:
    """Return a table of the flows, those that are hit most first."""
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


def group_line(group: Any) -> str:
    """Return the line of a group: what its number says, and what it does."""
    decoded = "".join(f" {part}" for part in _decoded(group))
    buckets = "".join(f" {part}" for part in _buckets(group))
    return f"0x{group['id']:08x} (type {_kind(group)}{decoded}) -->{buckets}"


def _kind(group: Any) -> str:
    return _GROUPS[group["type"]] if 0 <= group["type"] < len(_GROUPS) else "unknown"


def _decoded(group: Any) -> Iterator[str]:
    for word, member in (("vlan", "vlan-id"), ("pport", "pport"), ("index", "index")):
        if member in group:
            yield f"{word} {group[member]}"


def _buckets(group: Any) -> Iterator[str]:
    settings = [
        f"{word} {group[member]}"
        for word, member in (("src", "set-eth-src"), ("dst", "set-eth-dst"))
        if member in group
    ]
    if group.get("set-vlan-id"):
        settings.insert(0, f"vlan {group['set-vlan-id'] & _VLAN}")
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


def group_view(value: Any) -> RenderableType:
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

"""The guest's network: clients, user-mode networks, rocker switches, RDMA."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from completions.device import ROCKER
from hmp.authoring import Monitor, QDict, Text, info, views
from info._rocker import flow_line, flow_view, group_line, group_view
from info._text import right

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text as RichText
    from rich.tree import Tree

    from hmp.authoring import Declaration
    from hmp.qmp.reply_types import (
        RockerOfDpaFlow,
        RockerOfDpaGroup,
        RockerPort,
        RockerSwitch,
    )

CATEGORY = "Network"

network = info.passthrough(
    "network",
    help="show the network cards and backends, and how they are connected",
    words="network cards, nics, ip, netdevs",
)

# a line: e1000.0: index=0,type=nic,model=e1000,macaddr=52:54:00:12:34:56
_CLIENT = re.compile(r"(?P<name>.+?): (?:index=\d+,)?type=(?P<type>[^,]*),?(?P<rest>.*)")


@network.view
def network_view(value: Text) -> RenderableType | None:
    """Show a tree of the cards and hubs, with the peers of each."""
    from rich.console import Group

    roots: list[Tree] = []
    for line in value.splitlines():
        peer = line.startswith((" \\ ", "  - "))
        if peer and not roots:
            return None
        if peer:
            roots[-1].add(_client(line[3:].lstrip()))
        else:
            roots.append(views.tree(_client(line)))
    return Group(*roots) if roots else None


def _client(line: str) -> RichText:
    """Return a client's name and type, and its settings dimmed."""
    match = _CLIENT.fullmatch(line)
    if match is None:
        return views.text(line, "hmp.name")
    label = views.text(match["name"], "hmp.name")
    label.append_text(views.text(f" {match['type']} "))
    return label.append_text(views.text(match["rest"].replace(",", ", "), "hmp.detail"))


usernet = info.passthrough(
    "usernet",
    help="show the connections of user-mode networks",
    words="connections, port forwarding, slirp",
)

# `Hub -1 (n0):` before the connections of each backend; -1 means that it is on no hub
_HUB = re.compile(r"Hub (?P<hub>-?\d+) \((?P<name>.*)\):")
# a line: TCP[HOST_FORWARD]  3  *  5599  10.0.2.15  22  0  0
_SOCKET = re.compile(
    r" *(?P<state>\w+\[[^\]]*\]) +(?P<fd>-?\d+) +(?P<source>\S+) +(?P<source_port>\S+)"
    r" +(?P<to>\S+) +(?P<to_port>\S+) +(?P<received>\d+) +(?P<sent>\d+)"
)


@usernet.view
def usernet_view(value: Text) -> RenderableType | None:
    """Show a table of all connections, each with its network."""
    rows: list[tuple[str, ...]] = []
    names: list[str] = []
    for line in value.splitlines():
        if hub := _HUB.fullmatch(line):
            names.append(hub["name"])
        elif found := _SOCKET.fullmatch(line):
            protocol, state = found["state"].rstrip("]").split("[", 1)
            source = f"{found['source']}:{found['source_port']}"
            target = f"{found['to']}:{found['to_port']}"
            waiting = f"{found['received']}/{found['sent']}"
            rows.append((names[-1], protocol, _words(state), source, target, waiting))
        elif not line.startswith("  Protocol[State]"):
            return None  # an unknown layout is shown as QEMU printed it
    if not rows:
        return views.text(f"no connections in {', '.join(names)}") if names else None
    headings = ("network", "protocol", "state", "from", "to", ">queued in/out")
    return views.table(*headings, rows=rows)


def _words(state: str) -> str:
    return state.lower().replace("_", " ")


_ROCKER = {"name": ROCKER}

rocker: Declaration[RockerSwitch] = info.direct(
    "rocker", "query-rocker", args_type="name:s", help="show a rocker switch", kinds=_ROCKER
)


@rocker.text
def rocker_text(value: RockerSwitch) -> Iterator[str]:
    """Yield the switch's name, its id and the number of its ports."""
    yield f"name: {value['name']}"
    yield f"id: 0x{value['id']:x}"
    yield f"ports: {value['ports']}"


@rocker.view
def rocker_view(value: RockerSwitch) -> RenderableType:
    """Show the same as names and values."""
    return views.facts(
        [
            ("switch", value["name"]),
            ("ports", value["ports"]),
            ("id", f"0x{value['id']:x}"),
        ]
    )


rocker_ports: Declaration[list[RockerPort]] = info.direct(
    "rocker-ports",
    "query-rocker-ports",
    args_type="name:s",
    help="show the ports of a rocker switch",
    kinds=_ROCKER,
)


@rocker_ports.text
def rocker_ports_text(value: list[RockerPort]) -> Iterator[str]:
    """Yield two lines of headings and a line per port."""
    yield "            ena/    speed/ auto"
    yield "      port  link    duplex neg?"
    for port in value:
        link, speed, duplex, negotiates = _port(port, "!ena")
        name = right(port["name"], 10)
        yield f"{name}  {link:<4}   {speed:<3}  {duplex:>2}  {negotiates}"


def _port(port: RockerPort, disabled: str) -> tuple[str, str, str, str]:
    """Return the link, speed, duplex and autonegotiation of a port.

    disabled: the word for the link of a disabled port.
    """
    link = "up" if port["link-up"] else "down"
    return (
        link if port["enabled"] else disabled,
        # QEMU's own text knows only this speed
        "10G" if port["speed"] == 10000 else "??",
        "FD" if port["duplex"] == "full" else "HD",
        "Yes" if port["autoneg"] == "on" else "No",
    )


@rocker_ports.view
def rocker_ports_view(value: list[RockerPort]) -> RenderableType:
    """Show a table of the ports."""
    return views.table(
        "port",
        "link",
        ">Mbit/s",
        "duplex",
        "autoneg",
        rows=(
            (
                port["name"],
                views.state(
                    _port(port, "disabled")[0], port["enabled"] and port["link-up"]
                ),
                port["speed"],
                port["duplex"],
                port["autoneg"],
            )
            for port in value
        ),
    )


@info(
    "rocker-of-dpa-flows",
    args_type="name:s,tbl_id:i?",
    help="show the flows of a rocker switch (of one table when its id is given)",
    arguments={"tbl_id": "only the flows of this table"},
    qmp=["query-rocker-of-dpa-flows"],
    kinds=_ROCKER,
)
async def rocker_flows(mon: Monitor, args: QDict) -> list[RockerOfDpaFlow]:
    """Return a list of RockerOfDpaFlow."""
    table = _chosen(args.get("tbl_id"), 32, _ALL_TABLES)
    return await mon.qmp.execute(
        "query-rocker-of-dpa-flows", {"tbl-id": table}, name=args["name"]
    )


_ALL_TABLES = (1 << 32) - 1
_ALL_TYPES = 9
"""QEMU's monitor has these numbers for all tables, and all types of groups."""


def _chosen(number: int | None, bits: int, everything: int) -> int | None:
    """Return a number truncated to a number of bits, or None if it means all."""
    if number is None:
        return None
    # QEMU's monitor puts it into an integer of that size
    number %= 1 << bits
    return None if number == everything else number


@rocker_flows.text
def rocker_flows_text(value: list[RockerOfDpaFlow]) -> Iterator[str]:
    """Yield a heading and a line per flow."""
    yield "prio tbl hits key(mask) --> actions"
    yield from map(flow_line, value)


rocker_flows.view(flow_view)


@info(
    "rocker-of-dpa-groups",
    args_type="name:s,type:i?",
    help="show the groups of a rocker switch (of one type when it is given)",
    arguments={"type": "only groups of this type"},
    qmp=["query-rocker-of-dpa-groups"],
    kinds=_ROCKER,
)
async def rocker_groups(mon: Monitor, args: QDict) -> list[RockerOfDpaGroup]:
    """Return a list of RockerOfDpaGroup."""
    kind = _chosen(args.get("type"), 8, _ALL_TYPES)
    return await mon.qmp.execute(
        "query-rocker-of-dpa-groups", {"type": kind}, name=args["name"]
    )


@rocker_groups.text
def rocker_groups_text(value: list[RockerOfDpaGroup]) -> Iterator[str]:
    """Yield a heading and a line per group."""
    yield "id (decode) --> buckets"
    yield from map(group_line, value)


rocker_groups.view(group_view)

rdma = info.report("rdma", "x-query-rdma", help="show the state of RDMA devices")

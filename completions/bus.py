"""The buses of a machine, and which of them have room for a device."""

import re

from hmp.authoring import Connection, QMPError

# the first line of a bus or a device, such as `bus: pci.0`
_LINE = re.compile(r"^( *)(bus|dev): ([^\s,]+)", re.MULTILINE)
_TYPE = re.compile(r" *type (\S+)")
_ROOT = "pcie.0"
"""The root bus of PCI Express, which has no hot-plugging."""
_SINGLE = re.compile(r"virtio-.*bus|ufs-bus|sd-bus")
"""The types of buses that take one device."""


async def free_buses(qmp: Connection) -> list[tuple[str, str]]:
    """Return the names and types of the buses that can take another device."""
    text = await qmp.execute("human-monitor-command", {"command-line": "info qtree -b"})
    if not _LINE.search(text):  # an older QEMU, without -b
        text = await qmp.execute("human-monitor-command", {"command-line": "info qtree"})
    return with_room(text.replace("\r", ""))


def with_room(tree: str) -> list[tuple[str, str]]:
    """Return the names and types of the buses with room in the text of ``info qtree``."""
    found: list[tuple[str, str, int]] = []
    taken: dict[int, int] = {}
    above: list[tuple[int, str, int]] = []
    for match in _LINE.finditer(tree):
        indent, what, name = len(match[1]), match[2], match[3]
        # only the indentation shows the tree: what is indented as far, or farther, has
        # ended
        while above and above[-1][0] >= indent:
            above.pop()
        parent, number = above[-1][1:] if above else ("", -1)
        if what == "dev":
            # a device counts for the bus above it, and the buses below belong to the device
            taken[number] = taken.get(number, 0) + 1
            above.append((indent, name, -1))
            continue
        kind = _TYPE.match(tree, match.end() + 1)
        if kind is not None:
            above.append((indent, name, len(found)))
            found.append((name, kind[1], _room(kind[1], parent)))
    return [
        (name, kind)
        for number, (name, kind, room) in enumerate(found)
        if taken.get(number, 0) < room
    ]


def _room(kind: str, controller: str) -> int:
    """Return how many devices a bus of a type takes, by the device that provides it."""
    if kind == "PCIE" and re.search(r"-port$|-downstream$", controller):
        return 1
    # a channel of IDE has two drives, a port of AHCI one; both call their buses "IDE"
    if kind == "IDE":
        return 1 if "ahci" in controller else 2
    # the others take so many that they are never full
    return 1 if _SINGLE.fullmatch(kind) else 1 << 16


async def takes_devices(qmp: Connection, bus: str) -> bool:
    """Return whether a bus takes devices while the machine runs."""
    if bus == _ROOT:
        return False  # newer QEMUs give it a handler, which then refuses
    for path in (bus, f"{bus}/{bus}"):  # a port and its bus have the same name
        try:
            return bool(await qmp.execute("qom-get", path=path, property="hotplug-handler"))
        except QMPError:
            continue
    return False

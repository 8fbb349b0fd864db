"""Whether a guest can move to another machine, as far as QMP can say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hmp.authoring import BadReplyError, QMPError, size_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from hmp.authoring import Connection, Monitor

# where devices with an id are, and those without
_PLACES = "/machine/peripheral", "/machine/peripheral-anon"
_VERSIONED = "-machine"


class GuestHardware:
    """What a guest sees of a machine, as far as it can be asked.

    machine, cpu: their types; memory: in bytes; cpus: how many. features: of the CPU's
    model, as QEMU packs them. devices: their types by name; slots: of PCI devices on the
    root buses, what is there. disks: sizes and files of the media, by the drive. None: it
    does not say.
    """

    def __init__(self) -> None:
        self.machine: str | None = None
        self.memory: int | None = None
        self.cpus: int | None = None
        self.cpu: str | None = None
        self.features: Any = None
        self.devices: dict[str, str] | None = None
        self.slots: dict[str, str] | None = None
        self.disks: dict[str, tuple[int, str]] = {}


async def guest_hardware(qmp: Connection) -> GuestHardware:
    """Ask a machine what its guest sees. Raises MachineGoneError."""
    found = GuestHardware()
    size, cpus, slots, disks, kind, *places = await qmp.execute_each(
        [
            ("query-memory-size-summary", {}),
            ("query-cpus-fast", {}),
            ("query-pci", {}),
            ("query-block", {}),
            ("qom-get", {"path": "/machine", "property": "type"}),
            *(("qom-list", {"path": place}) for place in _PLACES),
        ]
    )
    # "pc-q35-8.2-machine": the version is part of the type, as it has to be the same
    if _known(kind):
        found.machine = str(kind).removesuffix(_VERSIONED)
    if _known(size):
        found.memory = size["base-memory"] + size.get("plugged-memory", 0)
    if _known(slots):
        found.slots = dict(_slots(slots))
    # one list alone would show devices as missing that are in the other
    if all(map(_known, places)):
        found.devices = dict(_devices(entry for place in places for entry in place))
    if _known(disks):
        found.disks = dict(_disks(disks))
    if _known(cpus):
        found.cpus = len(cpus)
        await _ask_cpu(qmp, cpus, found)
    return found


async def _ask_cpu(qmp: Connection, cpus: list[Any], found: GuestHardware) -> None:
    if not cpus:
        return
    # a machine has CPUs of one model
    path = cpus[0]["qom-path"]
    model, features = await qmp.execute_each(
        [("qom-get", {"path": path, "property": key}) for key in ("type", "feature-words")]
    )
    found.cpu = str(model) if _known(model) else None
    if _known(features):
        # newer releases have more words, without a feature for what older ones offer
        found.features = [word for word in features if word["features"]]


def _known(outcome: object) -> bool:
    return not isinstance(outcome, QMPError | BadReplyError)


def _slots(buses: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield the PCI devices of the root buses; those below bridges have no numbers yet."""
    for bus in buses:
        for device in bus["devices"]:
            place = f"{bus['bus']:02x}:{device['slot']:02x}.{device['function']:x}"
            yield place, f"{device['id']['vendor']:04x}:{device['id']['device']:04x}"


def _devices(entries: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for entry in entries:
        if entry["type"].startswith("child<"):
            yield entry["name"], entry["type"][6:-1]


def _disks(disks: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, tuple[int, str]]]:
    for disk in disks:
        if medium := disk.get("inserted"):
            name = disk["device"] or disk.get("qdev", "")
            yield name, (medium["image"]["virtual-size"], medium["file"])


async def is_one_machine(here: Monitor, there: Monitor) -> bool:
    """Return whether both monitors are of one QEMU, by its process and threads."""
    if not here.connection.pid == there.connection.pid != 0:
        return False
    try:
        ours = await here.qmp.execute("query-cpus-fast")
        theirs = await there.qmp.execute("query-cpus-fast")
    except QMPError:
        # taken for another machine, which it nearly always is
        return False
    # processes of two hosts may have one number, but hardly all of their threads
    threads = [[cpu["thread-id"] for cpu in cpus] for cpus in (ours, theirs)]
    return threads[0] == threads[1] != []


def misfits(here: GuestHardware, there: GuestHardware) -> list[str]:
    """Return why a guest cannot move from here to there; what is not known fits."""
    found = [
        f"the {what} is {ours} here and {theirs} there"
        for what, ours, theirs in (
            ("machine", here.machine, there.machine),
            ("CPU", here.cpu, there.cpu),
            ("number of CPUs", here.cpus, there.cpus),
            ("memory", _size(here.memory), _size(there.memory)),
        )
        if None not in (ours, theirs) and ours != theirs
    ]
    if None not in (here.features, there.features) and here.features != there.features:
        found.append("the features of the CPU differ")
    if here.devices is not None and there.devices is not None:
        found += _missing("the device", here.devices, there.devices)
    if here.slots is not None and there.slots is not None:
        found += _missing("the PCI device at", here.slots, there.slots)
    return found + list(_wrong_disks(here.disks, there.disks))


def _size(value: int | None) -> str | None:
    return None if value is None else size_text(value)


def _missing(what: str, here: Mapping[str, str], there: Mapping[str, str]) -> Iterator[str]:
    """Yield the things that one machine lacks, or that differ."""
    for name in sorted(here.keys() | there.keys()):
        ours, theirs = here.get(name, ""), there.get(name, "")
        if ours != theirs:
            both = f"{ours or 'missing'} here and {theirs or 'missing'} there"
            yield f"{what} {name} is {both}"


def _wrong_disks(
    here: Mapping[str, tuple[int, str]], there: Mapping[str, tuple[int, str]]
) -> Iterator[str]:
    for name, (size, _) in here.items():
        if name not in there:
            yield f"the disk {name} has no medium there"
        elif there[name][0] != size:
            sizes = f"{size_text(size)} here and {size_text(there[name][0])} there"
            yield f"the disk {name} has {sizes}"


def other_files(here: GuestHardware, there: GuestHardware) -> list[str]:
    """Return which disks have another file name there; it may still be the same file."""
    return [
        f"its disk {name} is {there.disks[name][1]} there and {file} here"
        for name, (_, file) in here.disks.items()
        if name in there.disks and there.disks[name][1] != file
    ]

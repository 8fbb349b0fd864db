"""Plug devices in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from commands._options import options_view
from commands._refusals import device_path, device_type
from completions.device import DEVICE_ID, DEVICE_OPTIONS
from completions.example import FREE_BUS, UNPLUGGABLE
from completions.free_text import AER_STATUS
from hmp.authoring import (
    DESTRUCTIVE,
    CommandFailedError,
    Limit,
    Monitor,
    QDict,
    QMPError,
    Text,
    command,
    execute_coerced,
    forward_line,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hmp.authoring import Empty

CATEGORY = "Devices"

_SOON = 1.5
"""Seconds in which a guest that runs releases a device."""


@command(
    "device_add",
    args_type="device:O",
    params="driver[,prop=value][,...]",
    help="plug a device in",
    arguments={
        "driver": "the device model; 'info qdm' lists those that exist",
        "prop=value": "a property of the model, such as id, bus, drive or netdev",
        "[,...]": "further properties, after commas",
    },
    about=(
        "Give each device an id: device_del and most commands name it by that. "
        "Disks need a drive (drive_add) and network cards a backend (netdev_add) "
        "first, named by drive= and netdev=: 'device_add virtio-blk-pci,drive=d1,id=disk1' "
        "plugs in a disk for the drive d1.\n\n"
        'PCI Express devices need a free root port, which bus= names. The error "Bus '
        "'pcie.0' does not support hotplugging\" means that bus= is missing, or that no "
        "port is free: then start the machine with -device pcie-root-port. 'info qtree' "
        "shows the buses."
    ),
    words="hot-plug, hotplug, plug in, attach device, add disk, add network card, usb,"
    " usb stick",
    qmp=["device_add"],
    kinds={"device": DEVICE_OPTIONS},
    example="device_add virtio-rng-pci,id=rng1,bus={bus}",
    samples={"bus": FREE_BUS},
    failure=r"\A(?:Device '.*' not found|Parameter 'typename' expects )",
)
async def device_add(mon: Monitor, args: QDict) -> Empty | Text:
    """Plug a device in; ``help`` among the options makes QEMU list models or properties."""
    if help_wanted(args, "driver"):
        # a plain Text, so that the view is drawn; a Forwarded is shown as printed
        return Text(await forward_line(mon))
    # device_add returns nothing; execute_coerced is not typed per command
    return cast("Empty", await execute_coerced(mon, "device_add", dict(args)))


def help_wanted(args: QDict, implied: str) -> bool:
    """Return whether the options ask for help, with ``help`` or ``?`` anywhere."""
    return any(word in args or args.get(implied) == word for word in ("help", "?"))


@device_add.text
def device_add_text(value: Empty | Text) -> Iterable[str]:
    """Yield the requested help; nothing for a new device."""
    return value.splitlines() if isinstance(value, Text) else ()


device_add.view(options_view)


@command(
    "device_del",
    args_type="id:s",
    params="device",
    help="ask the guest to release a device, then unplug it",
    arguments={"device": "the device's id, or its QOM path"},
    about=(
        "The guest is asked to release the device; it has gone when the event "
        "DEVICE_DELETED comes, which 'wait DEVICE_DELETED device=ID' waits for. A guest "
        "that has not booted yet does not answer."
    ),
    words="unplug, hot-unplug, detach device, remove device",
    effect=DESTRUCTIVE,
    outcome="this asks the guest to release the device",
    qmp=["device_del", "qom-get"],
    kinds={"id": DEVICE_ID},
    example="device_del {id}",
    samples={"id": UNPLUGGABLE},
)
async def device_del(mon: Monitor, args: QDict) -> Empty:
    """Ask the guest to release a device; tell a user at a prompt if it does not soon."""
    name = args["id"]
    value = await mon.qmp.execute("device_del", id=name)
    limit = Limit(mon, _SOON)
    # device_del has only asked the guest, and many a user takes its silence for success
    while mon.front.interactive and await _is_plugged_in(mon, name):
        mon.front.progress(f"waiting for the guest to release '{name}'", 0, 0)
        if limit.over:
            member = "path" if name.startswith("/") else "device"
            wait = f"wait DEVICE_DELETED {member}={name}"
            mon.front.tell(
                f"The guest has not released '{name}' yet; '{wait}' waits for it"
            )
            break
        await limit.pause()
    return value


async def _is_plugged_in(mon: Monitor, name: str) -> bool:
    try:
        await mon.qmp.execute("qom-get", path=device_path(name), property="type")
    except QMPError:
        return False
    return True


@device_del.foresee
async def device_del_outcome(mon: Monitor, args: QDict) -> str:
    """Say what kind of device it is. Refuse one that is unknown or cannot be unplugged."""
    name = args["id"]
    path = device_path(name)
    kind = await device_type(mon, name)
    if not await mon.qmp.execute("qom-get", path=path, property="hotpluggable"):
        bus = str(await mon.qmp.execute("qom-get", path=path, property="parent_bus"))
        text = f"Error: Bus '{bus.rpartition('/')[2]}' does not support hotplugging\n"
        raise CommandFailedError(text)
    return f"this asks the guest to release the device ({kind})"


pcie_aer_inject_error = command.passthrough(
    "pcie_aer_inject_error",
    args_type="advisory_non_fatal:-a,correctable:-c,id:s,error_status:s,"
    "header0:i?,header1:i?,header2:i?,header3:i?,"
    "prefix0:i?,prefix1:i?,prefix2:i?,prefix3:i?",
    params="[-a] [-c] id <error_status> [<tlp header> [<tlp header prefix>]]",
    help="inject an error of a PCIe device (-a: advisory non-fatal, -c: correctable)",
    arguments={
        "id": "the device's id, or its QOM path",
        "<error_status>": "the error's name, or its status as a number",
        "<tlp header>": "four numbers, the header of the packet that caused it",
        "<tlp header prefix>": "four numbers, the prefix of that packet",
    },
    words="hardware error, inject error",
    effect=DESTRUCTIVE,
    outcome="the guest may reset the device",
    kinds={"id": DEVICE_ID, "error_status": AER_STATUS},
    failure=r"\A(?!OK id: )",
)


@pcie_aer_inject_error.foresee
async def pcie_aer_inject_error_outcome(mon: Monitor, args: QDict) -> str:
    """Say which device. Refuse one that does not exist."""
    kind = await device_type(mon, args["id"])
    return f"the guest may reset the device ({kind})"
